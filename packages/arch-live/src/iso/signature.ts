import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { codedError, errorCode } from "@vm/command-plan";
import { runForOutput } from "@vm/host-files";
import type { Environment } from "./proxy.js";

/** What is known of a signature that is not bad. */
export type SignatureState =
  | { readonly state: "good"; readonly by: string }
  /** Nothing speaks against it, and nothing for it. */
  | { readonly state: "unchecked"; readonly reason: string };

export interface SignatureCheck {
  readonly file: string;
  readonly signature: string;
  /** Keys that may have made it; default: those of the package archlinux-keyring, else the one that archlinux.org publishes. */
  readonly keyring?: string;
  readonly env: Environment;
  readonly signal?: AbortSignal;
}

/** Where the package archlinux-keyring (Arch's and Debian's) has the keys. */
const PACKAGED_KEYS = "/usr/share/pacman/keyrings/archlinux.gpg";

/** Whose key signs the images; archlinux.org/download names the address, and the key is fetched from that very domain. */
const SIGNER = "pierre@archlinux.org";

const LOCATE_MS = 30_000;
const KILL_MS = 10_000;

/**
 * Checks the detached signature of a file with gpg(1), in a home directory of its own: the person's keys have no part in it.
 * @throws SIGNATURE_BAD
 */
export async function checkSignature(check: SignatureCheck): Promise<SignatureState> {
  const home = mkdtempSync(join(tmpdir(), "vm-gpg-"));
  const run = (args: readonly string[], timeoutMs?: number): Promise<string | undefined> =>
    outputOf(["gpg", "--homedir", home, "--batch", "--no-options", ...args], { ...check, timeoutMs });
  try {
    const keyring = check.keyring ?? (existsSync(PACKAGED_KEYS) ? PACKAGED_KEYS : undefined);
    if (keyring === undefined) {
      const found = await run(
        ["--auto-key-locate", "clear,wkd", "--locate-external-keys", SIGNER],
        LOCATE_MS,
      );
      if (found === undefined) return { state: "unchecked", reason: "gpg is not installed" };
    }
    const keys = keyring === undefined ? [] : ["--no-default-keyring", "--keyring", keyring];
    const words = ["--trust-model", "always", "--status-fd", "1", "--verify", check.signature, check.file];
    const status = await run([...keys, ...words]);
    if (status === undefined) return { state: "unchecked", reason: "gpg is not installed" };
    return verdict(status, check.file);
  } finally {
    // What looked the key up stays in the background otherwise, and it must not when we are stopped.
    await outputOf(["gpgconf", "--homedir", home, "--kill", "all"], { env: check.env, timeoutMs: KILL_MS });
    rmSync(home, { recursive: true, force: true });
  }
}

/** gpg's lines for programs. Source: GnuPG's doc/DETAILS. */
function verdict(status: string, file: string): SignatureState {
  const has = (word: string): boolean => new RegExp(`^\\[GNUPG:\\] ${word}\\b`, "m").test(status);
  const [, by = ""] = /^\[GNUPG:\] GOODSIG \S+ (.*)$/m.exec(status) ?? [];
  if (has("GOODSIG") && has("VALIDSIG")) return { state: "good", by };
  if (has("BADSIG") || has("REVKEYSIG")) {
    throw codedError(
      "SIGNATURE_BAD",
      `the signature of ${file} is ${has("BADSIG") ? "wrong" : "by a revoked key"}`,
      {
        hint: "The image is not used. Take another mirror with --mirror.",
      },
    );
  }
  return {
    state: "unchecked",
    reason: has("ERRSIG") ? "its key is not known here" : "gpg could not read it",
  };
}

interface Run extends Pick<SignatureCheck, "env" | "signal"> {
  readonly timeoutMs?: number | undefined;
}

/** The program's standard output, none where it was stopped; undefined where there is no such program. */
async function outputOf(argv: readonly [string, ...string[]], run: Run): Promise<string | undefined> {
  const { env, signal, timeoutMs } = run;
  try {
    return (await runForOutput(argv, { env: { ...env, LC_ALL: "C" }, signal, timeoutMs })).stdout;
  } catch (error) {
    signal?.throwIfAborted();
    return errorCode(error) === "PROGRAM_NOT_FOUND" ? undefined : "";
  }
}
