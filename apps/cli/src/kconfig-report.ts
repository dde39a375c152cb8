import type { ExplainedLoss, FeatureCheck, KernelCheck, MergeReport } from "@vm/kconfig";

/** What a merge came to, for a person. */
export function describeMerge({ output, wanted, lost }: MergeReport): string {
  const took = wanted - lost.length;
  return [
    row("config", output),
    row("options", `${took} of ${wanted} are as wanted`),
    ...lost.map(lossRow),
  ].join("");
}

/** What a kernel has and lacks, for a person. */
export function describeCheck({ from, release, arch, features, lost, warnings }: KernelCheck): string {
  return [
    row("config", from),
    ...(release === null ? [] : [row("release", release)]),
    row("arch", arch),
    ...features.map(featureRows),
    ...lost.map(lossRow),
    ...warnings.map(({ message, hint }) =>
      row("warning", hint === undefined ? message : `${message}. ${hint}`),
    ),
  ].join("");
}

const states = {
  ready: "ready",
  "with-initramfs": "with an initramfs",
  missing: "MISSING",
} as const;

function featureRows({ feature, state, needed, missing }: FeatureCheck): string {
  const optional = state === "missing" && !needed ? "missing (optional)" : states[state];
  const details = missing.map(({ option, state: found, reason, fragment }) => {
    if (found === "module") return row("", `${option} is a module: vm makes an initramfs that brings it`);
    return row("", fragment === null ? reason : `${reason} (vm kconfig merge ${fragment})`);
  });
  return [row(feature, optional), ...details].join("");
}

function lossRow({ option, value, found, file, line, why }: ExplainedLoss): string {
  const reason = why === null ? "" : `: ${why.reason}`;
  return row("lost", `${option}=${value} is ${found}${reason} (${file}:${line})`);
}

function row(label: string, value: string): string {
  return `${label.padEnd(8)} ${value}\n`;
}
