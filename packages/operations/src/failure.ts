export { doctorFindings, startAdvice, startFailureFindings } from "./doctor-advice.js";
export { findBug, renderBugReport, reportBug, type BuggyProgram } from "./bug-report.js";
export { failureText, type Failure } from "./failure-text.js";
export { nextStep } from "./next-step.js";

/** Exit codes of a tool itself; docs/exit-codes.md has them all. */
const exitCodes = {
  failure: 1,
  usage: 2,
  /** git bisect run: this commit cannot be tested. */
  skipCommit: 125,
  /** Ends a bisection, which must not mark a commit for an error of ours. */
  endBisection: 128,
  outputClosed: 141,
  /** Where 1 may be the command's. */
  failureBesideCommand: 249,
  /** As for a command in a guest: the time was over; the guest ended before it was done. */
  timedOut: 253,
  lost: 254,
} as const;

/** Errors of a request that is malformed: wrong usage, wherever it is found out. */
const malformed: readonly (string | undefined)[] = [
  "BAD_ACCELERATOR",
  "BOOT_OPTION_TAKEN",
  "COMMAND_NEEDS_APPEND",
  "COMPRESSION_UNSUPPORTED",
  "COPY_INVALID",
  "CPUS_INVALID",
  "EXPOSE_MEANINGLESS",
  "FETCH_NAME_INVALID",
  "FORWARD_INVALID",
  "INSTALL_OPTION_INVALID",
  "KERNEL_CMDLINE_INVALID",
  "KERNEL_PARAMETER_TAKEN",
  "MEMORY_INVALID",
  "MIRROR_INVALID",
  "REQUEST_INVALID",
  "SHARES_CONFLICT",
  "SIZE_INVALID",
  "SNAPSHOT_TAG_INVALID",
  "USAGE",
  "VM_NAME_INVALID",
];

/** Kernels that cannot be tested, as `git bisect run` means it: errors of `resolveKernel` and `buildGitRevision`. */
const untestable: readonly (string | undefined)[] = [
  "KERNEL_BUILD_FAILED",
  "KERNEL_NOT_BUILT",
  "KERNEL_NOT_CONFIGURED",
  "NOT_A_KERNEL_BUILD",
  "PACKAGE_PARTS_MISSING",
];

/** What became of a guest in the background, or of waiting for it. */
const backgroundCodes: Readonly<Record<string, number>> = {
  GUEST_ENDED: exitCodes.lost,
  GUEST_STUCK: exitCodes.lost,
  GUEST_NOT_UP: exitCodes.timedOut,
  WAIT_TIMED_OUT: exitCodes.timedOut,
};

/**
 * Who reads the exit code: a person or a script (`caller`); one that has to tell our own errors from the command's status
 * (`command`); `git bisect run` (`bisection`).
 */
export type ExitReader = "caller" | "command" | "bisection";

/**
 * The exit code for what an operation has thrown; `outcomeMeaning` has those of a command that was run.
 *
 * @param failure `code`: the error's; `exitCode`: what it says itself
 */
export function failureExitCode(
  { code, exitCode }: { readonly code?: string; readonly exitCode?: number },
  reader: ExitReader,
): number {
  const isUsage = malformed.includes(code);
  const isClosed = code === "OUTPUT_CLOSED" || code === "EPIPE";
  if (code === "GUEST_LOST" && reader !== "bisection") return exitCodes.lost;
  switch (reader) {
    case "caller":
      if (isUsage) return exitCodes.usage;
      return isClosed
        ? exitCodes.outputClosed
        : (backgroundCodes[code ?? ""] ?? exitCode ?? exitCodes.failure);
    case "command":
      if (isUsage) return exitCodes.usage;
      return isClosed ? exitCodes.outputClosed : exitCodes.failureBesideCommand;
    case "bisection":
      return untestable.includes(code) ? exitCodes.skipCommit : exitCodes.endBisection;
    default:
      return reader satisfies never;
  }
}
