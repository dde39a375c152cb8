import type { Installation } from "@vm/arch-installer";
import type { InstallOutcome, InstallPlan, InstallResult } from "@vm/arch-live";
import { quoteShell } from "@vm/command-plan";
import type { InstallRequest } from "@vm/operations";
import { writeNotice } from "../output.js";

/** Says how an installation ended, and how to look inside one that failed. */
export function tell(
  { outcome, kept }: InstallResult,
  {
    plan,
    request: { afterFailure = [] },
    installation: { bootloader, firmware },
    log,
    console,
  }: {
    readonly plan: InstallPlan;
    readonly request: InstallRequest;
    readonly installation: Pick<Installation, "bootloader" | "firmware">;
    readonly log: readonly string[];
    readonly console: readonly string[];
  },
): void {
  const { name } = plan.target;
  if (outcome.kind === "installed") {
    writeNotice(
      `installed; start it: vm run ${quoteShell(name)}${bootloader === "none" ? " -k KERNEL" : ""}`,
    );
    if (bootloader !== "none" && firmware === "uefi") {
      writeNotice("  by itself it boots by UEFI only: its vm.mjs needs a firmware, such as");
      writeNotice(
        '  ["-drive", "if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd"]',
      );
    }
    return;
  }
  if (outcome.kind !== "stopped") {
    const showsConsole = outcome.kind !== "failed" && console.length > 0;
    show("the last lines of the log:", log);
    if (showsConsole) show("the last lines of the console:", console);
  }
  writeNotice(sentence(outcome));
  if (kept !== undefined)
    writeNotice(
      `  what there is of it is the VM ${JSON.stringify(kept)}: vm run ${quoteShell(kept)} -k KERNEL`,
    );
  else
    writeNotice(
      `  nothing is left of it${plan.target.existing === undefined ? "" : `: ${name} is as it was`}`,
    );
  if (outcome.kind === "stopped") return;
  writeNotice(`  the log is ${plan.logs.log}, the console ${plan.logs.console}`);
  const ways = [
    ...(afterFailure.includes("shell") ? [] : ["--shell for a shell in the live system when it fails"]),
    ...(kept === undefined ? ["--keep to keep the disk"] : []),
  ];
  if (ways.length > 0) writeNotice(`  to look inside, run it again with ${ways.join(", or ")}`);
}

function show(title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  writeNotice(title);
  for (const line of lines) writeNotice(`  ${line}`);
}

function sentence(outcome: Exclude<InstallOutcome, { kind: "installed" }>): string {
  switch (outcome.kind) {
    case "failed":
      return `the installation failed: ${outcome.reason}`;
    case "panicked":
      return `the guest's kernel failed: ${outcome.reason}`;
    case "timed-out":
    case "lost":
    case "not-started":
      return `not installed: ${outcome.reason}`;
    case "stopped":
      return "stopped";
    default:
      return outcome satisfies never;
  }
}
