import { codedError, errorCode } from "@vm/command-plan";
import { type ProgramOutput, runForOutput } from "@vm/host-files";

interface Stop {
  readonly signal?: AbortSignal | undefined;
}

/** The bytes of members of an archive, one after the other. `patterns`: as bsdtar(1) has them. None: an empty result. */
export async function readMembers(
  archive: string,
  patterns: readonly string[],
  { signal }: Stop = {},
): Promise<string> {
  const { stdout, exitCode } = await runBsdtar(["-x", "-O", "-f", archive, ...patterns], signal);
  // 1: some pattern matches nothing, which is what patterns are for.
  return exitCode === 0 || exitCode === 1 ? stdout : "";
}

/** The names of all members. Undefined where bsdtar cannot read the archive. */
export async function listMembers(
  archive: string,
  { signal }: Stop = {},
): Promise<ReadonlySet<string> | undefined> {
  const { stdout, exitCode } = await runBsdtar(["-t", "-f", archive], signal);
  return exitCode === 0 ? new Set(stdout.split("\n").map((name) => name.replace(/^\.\//, ""))) : undefined;
}

async function runBsdtar(args: readonly string[], signal: AbortSignal | undefined): Promise<ProgramOutput> {
  try {
    return await runForOutput(["bsdtar", ...args], { signal });
  } catch (cause) {
    if (errorCode(cause) !== "PROGRAM_NOT_FOUND") throw cause;
    throw codedError("BSDTAR_NOT_FOUND", "bsdtar is not installed: it takes the kernel out of the image", {
      hint: "Install it: Debian's package libarchive-tools, Fedora's bsdtar, Arch's libarchive.",
      cause,
    });
  }
}
