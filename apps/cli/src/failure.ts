import { dirname } from "node:path";
import { flagOf } from "@vm/command-requests";
import {
  failureExitCode,
  failureText,
  findBug,
  nextStep,
  reportBug,
  type ExitReader,
  type Failure,
} from "@vm/operations/failure";
import { outputClosed, writeNotice } from "./output.js";
import { readManifest, versionText } from "./own-version.js";

/** Where this program's own code is: `dist/` of the bundle. */
const OWN_CODE = dirname(import.meta.dirname);

function isCommander(code: string | undefined): boolean {
  return code?.startsWith("commander.") === true;
}

/**
 * Prints what went wrong and what to do next, without a stack trace, and returns the exit code for it. Never throws.
 * `VM_DEBUG=1` adds the stack. Of an error that is a bug it says how to report it.
 */
export function reportFailure(
  error: unknown,
  {
    env,
    reader,
    kernels,
  }: {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly reader: ExitReader;
    /** What the command line named with `-k`; absent where `vm doctor` itself failed. */
    readonly kernels?: readonly string[] | undefined;
  },
): number {
  const failure: Failure = error instanceof Error ? error : { message: String(error) };
  const { code, stack } = failure;
  // commander has printed its own message, or the help that was asked for.
  const isTold = isCommander(code) || code === outputClosed || code === "EPIPE";
  try {
    const bug = findBug(error, OWN_CODE);
    if (bug !== undefined) {
      writeNotice(bug === error ? `internal error: ${bug.message}` : failureText(failure, flagOf));
      const program = { code: OWN_CODE, version: versionText(), bugsUrl: readManifest().bugs?.url };
      for (const line of reportBug(bug, process.argv.slice(2), program)) writeNotice(line);
    } else if (!isTold) {
      writeNotice(failureText(failure, flagOf));
      const next = nextStep(failure, kernels);
      if (next !== undefined) writeNotice(`  ${next}`);
      if (env["VM_DEBUG"] && stack !== undefined) for (const line of stack.split("\n")) writeNotice(line);
    }
  } catch {
    // Standard error takes nothing: the exit code has to say it.
  }
  if (!isCommander(code)) return failureExitCode(failure, reader);
  return failure.exitCode === 0 ? 0 : failureExitCode({ code: "USAGE" }, reader);
}
