import { spawnSync } from "node:child_process";
import { codedError } from "@vm/command-plan";

/** The bytes of members of an archive, one after the other. `patterns`: as bsdtar(1) has them. None: an empty result. */
export function readMembers(archive: string, patterns: readonly string[]): string {
  const { stdout, status } = runBsdtar(["-x", "-O", "-f", archive, ...patterns]);
  // 1: some pattern matches nothing, which is what patterns are for.
  return status === 0 || status === 1 ? stdout : "";
}

/** The names of all members. Undefined where bsdtar can not read the archive. */
export function listMembers(archive: string): ReadonlySet<string> | undefined {
  const { stdout, status } = runBsdtar(["-t", "-f", archive]);
  return status === 0 ? new Set(stdout.split("\n").map((name) => name.replace(/^\.\//, ""))) : undefined;
}

function runBsdtar(args: readonly string[]): { readonly stdout: string; readonly status: number | null } {
  const { stdout, status, error } = spawnSync("bsdtar", args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 64 * 1_048_576,
  });
  if (error !== undefined && "code" in error && error.code === "ENOENT") {
    throw codedError("BSDTAR_NOT_FOUND", "bsdtar is not installed: it takes the kernel out of the image", {
      hint: "Install it: Debian's package libarchive-tools, Fedora's bsdtar, Arch's libarchive.",
      cause: error,
    });
  }
  return { stdout, status };
}
