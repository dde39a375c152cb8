import { basename } from "node:path";
import type { LaidOutKernel } from "../kernel-build.js";
import type { Lookup } from "../lookup/kernel-location.js";
import { resolveLayout } from "../lookup/laid-out-kernel.js";
import type { NamedPackages } from "./kernel-packages.js";
import { namesOf, packageSet } from "./package-set.js";
import { unpackPackages } from "./unpacking.js";

/**
 * The kernel in packages: in one, in several that were named, or in a directory of them. What was found beside the named ones is told.
 * Throws what `resolveKernel` throws.
 */
export async function resolvePackages(named: NamedPackages, lookup: Lookup): Promise<LaidOutKernel> {
  const { parts, added, filled, release, warnings } = packageSet(named, lookup);
  const [first = ""] = parts;
  if (added.length > 0) {
    const where = named.kind === "directory" ? "of the same directory" : "beside it";
    lookup.onNotice?.(`${basename(first)}: with ${namesOf(added)} ${where}`);
  }
  const root = await unpackPackages(filled, lookup);
  const kernel = resolveLayout(
    { kind: "unpacked", root, package: first, parts, ...(release === undefined ? {} : { release }) },
    lookup,
  );
  return warnings.length === 0 ? kernel : { ...kernel, warnings: [...warnings, ...kernel.warnings] };
}
