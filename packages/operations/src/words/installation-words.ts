import type { Installation } from "@vm/arch-installer";
import type { InstallOutcome, InstallPlan, InstallResult } from "@vm/arch-live";
import { quoteShell } from "@vm/command-plan";
import type { InstallRequest } from "../request/request.js";

/** How an installation ended, and how to look inside one that failed, a line each. */
export function describeInstallation(
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
): string[] {
  const { name } = plan.target;
  if (outcome.kind === "installed") {
    const start = `installed; start it: vm run ${quoteShell(name)}${bootloader === "none" ? " -k KERNEL" : ""}`;
    if (bootloader === "none" || firmware !== "uefi") return [start];
    return [
      start,
      "  by itself it boots by UEFI only: its vm.mjs needs a firmware, such as",
      '  ["-drive", "if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd"]',
    ];
  }
  const showsConsole = outcome.kind !== "failed" && outcome.kind !== "stopped";
  const left =
    kept === undefined
      ? `  nothing is left of it${plan.target.existing === undefined ? "" : `: ${name} is as it was`}`
      : `  what there is of it is the VM ${JSON.stringify(kept)}: vm run ${quoteShell(kept)} -k KERNEL`;
  if (outcome.kind === "stopped") return [sentence(outcome), left];
  const ways = [
    ...(afterFailure.includes("shell") ? [] : ["--shell for a shell in the live system when it fails"]),
    ...(kept === undefined ? ["--keep to keep the disk"] : []),
  ];
  return [
    ...section("the last lines of the log:", log),
    ...(showsConsole ? section("the guest's console:", console) : []),
    sentence(outcome),
    left,
    `  the log is ${plan.logs.log}, the console ${plan.logs.console}`,
    ...(ways.length === 0 ? [] : [`  to look inside, run it again with ${ways.join(", or ")}`]),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
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
