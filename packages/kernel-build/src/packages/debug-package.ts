import { basename, dirname, join } from "node:path";
import type { KernelBuild } from "../kernel-build.js";
import { kindOf, type Lookup } from "../lookup/kernel-location.js";
import { findVmlinux } from "../tree/vmlinux.js";
import { unpackPackages } from "./unpacking.js";

/**
 * The directory in which the debug package that stands beside a kernel's package is unpacked, in the cache: for who asks for a vmlinux where
 * there is none. Null where there is no such package, or nothing to look for. Debian's takes a minute, and five gigabytes.
 *
 * @throws what `resolveKernel` throws for a package
 */
export async function unpackDebugPackage(build: KernelBuild, lookup: Lookup): Promise<string | null> {
  if (build.kind !== "unpacked" || findVmlinux(build) !== undefined) return null;
  const { package: named, parts = named === undefined ? [] : [named] } = build;
  const found = parts.flatMap(debugPackagesOf).find((path) => kindOf(path) === "file");
  return found === undefined ? null : unpackPackages([found], lookup);
}

/**
 * What the debug package of a package is called: `linux-image-6.1.0-56-amd64-dbg_6.1.192-2_amd64.deb` of Debian and of the kernel's own
 * `make bindeb-pkg`, `-dbgsym` of Ubuntu, `kernel-debuginfo-...rpm` of Fedora.
 */
function debugPackagesOf(path: string): string[] {
  const name = basename(path);
  const [, own = "", rest = ""] = /^([^_]+)(_.*)\.deb$/.exec(name) ?? [];
  const [, version] = /^kernel(?:-core|-modules|-modules-core)?-(\d.*\.rpm)$/.exec(name) ?? [];
  const names = [
    ...(own === "" ? [] : [`${own}-dbg${rest}.deb`, `${own}-dbgsym${rest}.ddeb`, `${own}-dbgsym${rest}.deb`]),
    ...(version === undefined ? [] : [`kernel-debuginfo-${version}`]),
  ];
  return names.map((each) => join(dirname(path), each));
}
