import {
  readForward,
  type CopyRequest,
  type ExecRequest,
  type ForwardRequest,
  type MountRequest,
} from "@vm/operations";
import type { DryRun } from "../caller.js";
import { usageError } from "../usage-error.js";

export interface ExecOptions extends DryRun {
  readonly tty?: true;
  /** False with `--no-stdin`. */
  readonly stdin: boolean;
}

/** `vm exec NAME PROGRAM ARGUMENTS...` @throws USAGE */
export function execRequest(
  guest: string,
  words: readonly string[],
  { tty, stdin }: ExecOptions,
): ExecRequest & { readonly command: readonly string[] } {
  if (words.length === 0) {
    throw usageError(
      "which command?",
      `vm shell ${guest} is a shell; vm exec ${guest} PROGRAM ARGUMENTS a command.`,
    );
  }
  if (words[0]?.startsWith("-") === true) {
    throw usageError(`'${words[0]}' is no program`, "Options of vm exec stand before the guest's name.");
  }
  if (tty === true && !stdin) {
    throw usageError("--no-stdin and -t exclude each other", "Leave out one of --no-stdin and -t.");
  }
  const input = tty === true ? "terminal" : stdin ? "pipe" : "none";
  return { operation: "exec", guest, command: words, input };
}

/** The words of that command again, without `-n`. */
export function execWords({
  guest,
  command,
  input,
}: ExecRequest & { readonly command: readonly string[] }): string[] {
  const options = [...(input === "terminal" ? ["-t"] : []), ...(input === "none" ? ["--no-stdin"] : [])];
  return ["exec", ...options, guest, "--", ...command];
}

export interface CopyOptions extends DryRun {
  readonly preserve?: true;
}

/** `vm cp FROM... TO` @throws USAGE */
export function copyRequest(paths: readonly string[], { preserve }: CopyOptions): CopyRequest {
  const to = paths.at(-1);
  if (to === undefined || paths.length < 2) throw usageError("where to?", "vm cp FILE NAME:/tmp/");
  return {
    operation: "copy",
    from: paths.slice(0, -1),
    to,
    ...(preserve === undefined ? {} : { preserve }),
  };
}

export interface ForwardOptions extends DryRun {
  readonly cancel?: true;
  readonly reverse?: true;
}

/** `vm forward NAME PORTS...` */
export function forwardRequest(
  guest: string,
  ports: readonly string[],
  { cancel, reverse }: ForwardOptions,
): ForwardRequest {
  return {
    operation: "forward",
    guest,
    ports: ports.map((text) => ({
      ...readForward(text),
      ...(reverse === true ? { direction: "to-host" } : {}),
    })),
    ...(cancel === true ? { wish: "cancel" } : {}),
  };
}

export interface MountOptions extends DryRun {
  readonly from?: string;
  readonly readOnly?: true;
}

/** `vm mount NAME DIRECTORY` */
export function mountRequest(
  guest: string,
  directory: string,
  { from, readOnly }: MountOptions,
): MountRequest {
  return {
    operation: "mount",
    guest,
    directory,
    ...(from === undefined ? {} : { from }),
    ...(readOnly === true ? { access: "read-only" } : {}),
  };
}
