import { findQemu, hasVirtiofsd } from "@vm/guest-run";
import { findBusybox } from "@vm/initramfs";
import type { KernelCheck } from "@vm/kconfig";
import type { Host } from "../host.js";
import { checkConfig } from "../kconfig/configuration.js";
import { findingOf, ok, type Finding } from "./check.js";

/** Whether one kernel can be run here: what it lacks, and what this machine lacks for it. */
export async function checkForKernel(kernel: string, host: Host): Promise<Finding[]> {
  let check: KernelCheck;
  try {
    check = await checkConfig({ operation: "check-config", kernel }, host);
  } catch (error) {
    host.signal?.throwIfAborted();
    return [findingOf("the kernel", "broken", error)];
  }
  const { arch, release, features } = check;
  const lacking = features.filter(({ state, needed }) => state === "missing" && needed);
  const reasons = lacking.flatMap(({ missing }) => missing.map(({ option }) => option));
  const fragments = new Set(
    lacking.flatMap(({ missing }) => missing.flatMap(({ fragment }) => fragment ?? [])),
  );
  const name = release ?? kernel;
  const findings: Finding[] = [
    lacking.length === 0
      ? ok("the kernel", `${name} has what vm run needs`)
      : {
          name: "the kernel",
          state: lacking.some(({ feature }) => feature === "embedded") ? "broken" : "limited",
          found: `${name} lacks ${[...new Set(reasons)].join(", ")} (for ${lacking.map(({ feature }) => feature).join(", ")})`,
          repair: `vm kconfig merge ${[...fragments].join(" ") || "qemu"}, and build it again; vm kconfig check has the reasons.`,
        },
  ];
  if (arch !== host.arch)
    findings.push(await look("its QEMU", { qemuFor: arch }, () => findQemu({ arch, env: host.env })));
  if (features.some(({ state }) => state === "with-initramfs")) {
    const path = host.env["PATH"];
    findings.push(
      await look("its initramfs", "busybox", () => findBusybox(arch, path === undefined ? {} : { path })),
    );
  }
  const shares = features.find(({ feature }) => feature === "virtiofs");
  const has9p = features.some(({ feature, state }) => feature === "embedded" && state !== "missing");
  if (!has9p && shares?.state !== "missing" && !hasVirtiofsd(host.env)) {
    findings.push({
      name: "its files",
      state: "broken",
      found: "it has no 9p, and there is no virtiofsd",
      missing: ["virtiofsd"],
    });
  }
  return findings;
}

async function look(
  name: string,
  part: NonNullable<Finding["missing"]>[number],
  question: () => string,
): Promise<Finding> {
  try {
    return ok(name, question());
  } catch (error) {
    return { ...findingOf(name, "broken", error), missing: [part] };
  }
}
