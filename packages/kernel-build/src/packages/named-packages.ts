import { resolve } from "node:path";
import { isFile } from "@vm/host-files";
import { isLayout, layoutOfModules } from "../lookup/laid-out-kernel.js";
import { kindOf } from "../lookup/kernel-location.js";
import { packageFormat } from "./package-format.js";
import { packagesIn } from "./package-set.js";
import { joinedFiles } from "./package-words.js";

/**
 * Whether what `-k` names is packages: one, several (`A+B`), or a directory of them. Throws KERNEL_NOT_FOUND where it is several and not all
 * of them are there.
 */
export function namesPackages(what: string, cwd: string): boolean {
  const path = resolve(cwd, what);
  const kind = kindOf(path);
  if (kind === "file") return packageFormat(path) !== null;
  return kind === "directory" ? isPackageDirectory(path) : joinedFiles(what, cwd) !== null;
}

/** Whether a directory is nothing that boots by itself, and has packages in it. */
function isPackageDirectory(directory: string): boolean {
  if (isFile(resolve(directory, ".config")) || isLayout(directory)) return false;
  return layoutOfModules(directory) === null && packagesIn(directory).length > 0;
}
