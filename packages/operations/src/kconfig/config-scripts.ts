import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { toScript, type Step } from "@vm/command-plan";
import { isRevision } from "@vm/kernel-build";
import type { Host } from "../host.js";
import type { CheckConfigRequest, MergeConfigRequest, RevisionBuild } from "../request/request.js";
import { checkSource, planConfigMerge } from "./config-work.js";

/** The script of a merge; it ends with the same look at what came out, and with the same exit code. */
export function mergeScript(request: MergeConfigRequest, host: Host): string {
  const { plan, source, output } = planConfigMerge(request, host);
  const names = request.fragments.map((name) => whereItIs(name, host.cwd));
  const flags = ["--for", "none", "--exact", "-C", source];
  return toScript([
    ...plan,
    { kind: "run", argv: [...host.program, "kconfig", "check", ...flags, output, ...names] },
  ]);
}

/** The script of a check: the command itself. */
export function checkScript(
  { kernel, build = {}, fragments = [], features, otherForm, source }: CheckConfigRequest,
  { json }: { readonly json: boolean },
  { cwd, program }: Host,
): string {
  if (source !== undefined) checkSource(resolve(cwd, source));
  const flags = [
    ...(features === undefined ? [] : ["--for", features.length === 0 ? "none" : features.join(",")]),
    ...(otherForm === "lost" ? ["--exact"] : []),
    ...(source === undefined ? [] : ["-C", resolve(cwd, source)]),
    ...(json ? ["--json"] : []),
    ...gitFlags(build, cwd),
  ];
  const words = [kernel, ...fragments].map((name) => whereItIs(name, cwd));
  // A revision is one of the repository here.
  const there: Step[] = isRevision(kernel) ? [{ kind: "change-directory", path: cwd }] : [];
  return toScript([...there, { kind: "exec", argv: [...program, "kconfig", "check", ...flags, ...words] }]);
}

/** How a revision is configured. */
function gitFlags({ fragments, base, arch }: RevisionBuild, cwd: string): string[] {
  return [
    ...(arch === undefined ? [] : ["--arch", arch]),
    ...(fragments === undefined ? [] : ["--fragments", fragments.join(",")]),
    ...(base === undefined ? [] : ["--base", whereItIs(base, cwd)]),
  ];
}

/** A path that holds wherever the script is run; a name that is no file here stays a name. */
function whereItIs(name: string, cwd: string): string {
  const path = resolve(cwd, name);
  return existsSync(path) ? path : name;
}
