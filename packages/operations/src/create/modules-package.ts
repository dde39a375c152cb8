import { resolve } from "node:path";
import { toScript } from "@vm/command-plan";
import { buildPackage, renderPackage, type BuiltPackage } from "@vm/modules-mounter";
import type { Host } from "../host.js";
import type { ModulesPackageRequest } from "../request/request.js";

/** Writes the guest's package. @throws what `buildPackage` throws */
export function writeModulesPackage(request: ModulesPackageRequest, host: Host): Promise<BuiltPackage> {
  const { operation: _, directory, ...options } = request;
  return buildPackage({ outputDirectory: resolve(host.cwd, directory), ...options });
}

/** The script that writes it. */
export async function modulesPackageScript(request: ModulesPackageRequest, host: Host): Promise<string> {
  const { operation: _, directory, ...options } = request;
  const { fileName, content } = await renderPackage(options);
  const place = resolve(host.cwd, directory);
  return toScript([
    { kind: "make-directory", path: place, parents: true },
    { kind: "write-file", path: resolve(place, fileName), content, mode: 0o644 },
  ]);
}
