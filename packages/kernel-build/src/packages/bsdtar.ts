import { spawnSync } from "node:child_process";
import { codedError, errorCode } from "@vm/command-plan";
import { complaintIn, unreadable } from "./package-format.js";

/** A list of 100,000 files is no kernel's. */
const maxOutputBytes = 64 << 20;

/**
 * What bsdtar prints. `input`: its standard input, bytes or a descriptor; `named`: the package, for the error; `absent`: a member that was
 * asked for and is not there, where there are others. Throws PACKAGE_UNREADABLE
 * and UNPACKER_MISSING.
 */
export function bsdtar(
  args: readonly string[],
  {
    named,
    input,
    absent = "an error",
  }: { readonly named: string; readonly input?: Buffer | number; readonly absent?: "an error" | "fine" },
): string {
  const run = spawnSync("bsdtar", args, {
    encoding: "utf8",
    maxBuffer: maxOutputBytes,
    // Names of files in the bytes that they have in the package.
    env: { ...process.env, LC_ALL: "C.UTF-8" },
    ...(typeof input === "object" ? { input } : {}),
    stdio: [
      typeof input === "number" ? input : typeof input === "object" ? "pipe" : "ignore",
      "pipe",
      "pipe",
    ],
  });
  if (errorCode(run.error) === "ENOENT") throw unpackerMissing(named);
  if (run.error !== undefined) throw unreadable(named, run.error.message);
  if (run.status !== 0 && !(absent === "fine" && run.stdout !== ""))
    throw unreadable(named, complaintIn(run.stderr, "bsdtar", run.status));
  return run.stdout;
}

export function unpackerMissing(file: string): Error {
  return codedError("UNPACKER_MISSING", `${file} cannot be unpacked: this host has no bsdtar`, {
    hint: "Install libarchive-tools (Debian), bsdtar (Fedora) or libarchive (Arch).",
  });
}
