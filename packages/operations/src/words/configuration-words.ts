import type { ExplainedLoss, FeatureCheck, KernelCheck, LostOption, MergeReport } from "@vm/kconfig";
import { warningText } from "../notice.js";

/** What a merge came to, for a person. */
export function describeMerge({ output, wanted, lost }: MergeReport): string {
  const took = wanted - lost.length;
  return [
    row("config", output),
    row("options", `${took} of ${wanted} are as wanted`),
    ...lost.map((loss) => lossRow("lost", loss)),
  ].join("");
}

/** What a kernel has and lacks, for a person. */
export function describeCheck({
  from,
  release,
  arch,
  features,
  lost,
  inOtherForm,
  warnings,
}: KernelCheck): string {
  const modules = inOtherForm.filter(({ found }) => found === "m");
  const builtIn = inOtherForm.filter(({ found }) => found === "y");
  return [
    row("config", from),
    ...(release === null ? [] : [row("release", release)]),
    row("arch", arch),
    ...features.map(featureRows),
    ...lost.map((loss) => lossRow(loss.found === "n" || isLess(loss) ? "lost" : "differs", loss)),
    ...namesRow("modules", modules, "there, as modules where the fragments build them in"),
    ...namesRow("built in", builtIn, "there, built in where the fragments have modules"),
    ...warnings.map((each) => row("warning", warningText(each))),
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

/** `=y is m`, which is a loss only where it is asked for exactly. */
function isLess({ value, found }: ExplainedLoss): boolean {
  return (value === "y" && found === "m") || (value === "m" && found === "y");
}

/** Nothing has to be done about these: they share a line. */
function namesRow(label: string, options: readonly LostOption[], what: string): string[] {
  if (options.length === 0) return [];
  return [row(label, `${options.map(({ option }) => option).join(", ")}: ${what}`)];
}

function lossRow(
  label: "lost" | "differs",
  { option, value, found, file, line, why }: ExplainedLoss,
): string {
  const reason = why === null ? "" : `: ${why.reason}`;
  return row(label, `${option}=${value} is ${found}${reason} (${file}:${line})`);
}

function row(label: string, value: string): string {
  return `${label.padEnd(8)} ${value}\n`;
}
