import type { Step } from "@vm/command-plan";
import type { CommandUser } from "@vm/guest-run";
import { readUserConfig, type UserConfig } from "@vm/vm-store";
import type { Notice } from "./notice.js";

/** The machine that a request is carried out on, as its caller sees it. No operation reads a global of the process. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What relative paths of a request are relative to. Absolute. */
  readonly cwd: string;
  /** Where what can be made again is kept. Absolute. */
  readonly cacheDir: string;
  /** The directory of the fragments that come with vm. Absolute. */
  readonly fragments: string;
  /** QEMU's name of its architecture. */
  readonly arch: string;
  /** Who asks. */
  readonly user: CommandUser;
  /** What starts this very vm from a script: a program and its first arguments. */
  readonly program: readonly [string, ...string[]];
  /** How the person asked for this, as words: for those who want to know what runs. */
  readonly command: readonly string[];
  /** The steps of a script that ask for this very thing again, without `--dry-run`. */
  repeat(this: void): readonly Step[];
  /** The user's config.json, read at the first call. @throws what `readUserConfig` throws */
  userConfig(this: void): UserConfig;
  /** Ends what an operation has begun: a build, an unpacking, a download, a guest. Its reason is thrown where nothing else says how it ended. */
  readonly signal?: AbortSignal | undefined;
  /** Whether what programs print of how they get on (make's lines of a build) is left out. Default: it goes to standard error. */
  readonly isQuiet?: boolean | undefined;
  /** Whether the Makefile in a directory may be run, which is a program; default: wherever no other user can write to it. */
  readonly mayMake?: ((directory: string) => boolean) | undefined;
  /** Gets what the person ought to know, when it is known. */
  notice(this: void, notice: Notice): void;
}

/** Reads the user's config.json when it is first asked for, and only then. */
export function userConfigOnce(env: Host["env"]): () => UserConfig {
  let config: UserConfig | undefined;
  return () => (config ??= readUserConfig({ env }));
}

/** Hands notices on, in their order. */
export function tell({ notice }: Pick<Host, "notice">, notices: readonly Notice[]): void {
  for (const each of notices) notice(each);
}
