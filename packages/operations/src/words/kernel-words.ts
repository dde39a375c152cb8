import { basename } from "node:path";
import type { KernelBuild, ModulesReport } from "@vm/kernel-build";
import { warningText } from "../notice.js";

/** What a kernel is, for a person. */
export function describeKernel(build: KernelBuild): string {
  const { kind, release, arch, image, modules, tree, configFile, warnings } = build;
  const [first, ...others] = "parts" in build && build.parts !== undefined ? build.parts : [];
  const more = others.length === 0 ? "" : `, with ${others.map((file) => basename(file)).join(", ")}`;
  const origin = first === undefined ? "" : ` (from ${first}${more})`;
  const rows: readonly [label: string, value: string][] = [
    ["kernel", `${kinds[kind]}${origin}`],
    ["release", release],
    ["arch", arch],
    ["image", image],
    ["config", configFile ?? "unknown"],
    ["modules", tree === undefined || modules !== "built" ? moduleWords[modules] : tree],
  ];
  const lines = rows.map(([label, value]) => `${label.padEnd(8)} ${value}\n`);
  for (const each of warnings) lines.push(`warning  ${warningText(each)}\n`);
  return lines.join("");
}

const kinds: Readonly<Record<KernelBuild["kind"], string>> = {
  "build-tree": "build tree",
  installed: "installed",
  unpacked: "unpacked",
  image: "image",
};

const moduleWords: Readonly<Record<KernelBuild["modules"], string>> = {
  built: "built",
  "not-built": "not built",
  unsupported: "none: CONFIG_MODULES is not set",
  absent: "none came with it",
};

/** What modules a kernel has, for a person. */
export function describeModules({
  tree,
  release,
  arch,
  count,
  modules,
  index,
  state,
  problems,
}: ModulesReport): string {
  const rows: readonly [label: string, value: string][] = [
    ["tree", tree ?? "none"],
    ["release", release],
    ["arch", arch],
    ["modules", count === null ? modules : String(count)],
    ["index", index === null ? "none" : `${index} (${state})`],
  ];
  const lines = rows.map(([label, value]) => `${label.padEnd(8)} ${value}\n`);
  for (const each of problems) lines.push(`warning  ${warningText(each)}\n`);
  return lines.join("");
}
