import { consoleLog } from "@vm/guest-run";
import type { KernelBuild } from "@vm/kernel-build";
import type { Host } from "../host.js";
import { failureReport, ownKernelReport, type FailureReport } from "../report/failure-report.js";

/** The console of a VM on a terminal, looked at as it goes by. */
export interface VmConsole {
  push(this: void, chunk: Buffer): void;
  /** What the kernel complained of; null where it did not. @param build the kernel, where it is the host's */
  explain(this: void, build: KernelBuild | undefined, host: Host): Promise<FailureReport | null>;
}

export function watchVmConsole(): VmConsole {
  // The kind of root is for what a kernel says that finds none.
  const log = consoleLog("disk", () => {});
  return {
    push: (chunk) => log.push(chunk),
    async explain(build, host) {
      log.end();
      const complaintLines = log.complaintLines();
      if (complaintLines.length === 0) return null;
      const failure =
        build === undefined
          ? ownKernelReport(complaintLines, host)
          : await failureReport({ complaintLines, command: new Uint8Array(), release: null }, build, host);
      return failure.reports.length === 0 ? null : failure;
    },
  };
}
