import { createHash, type Hash } from "node:crypto";
import { readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { codedError } from "@vm/command-plan";
import { isDirectory, isFile, makeDirectory, randomName, readRegular, readRegularText } from "@vm/host-files";
import type { KernelBuild } from "../kernel-build.js";
import { findModuleFiles, moduleExists } from "../modules/module-files.js";
import { parseModulesOrder, renderInstalledOrder } from "../modules/modules-order.js";

/** A kernel in a directory that holds all that a guest needs of it, as `resolveKernel` reads it. */
export interface KernelCopy {
  /** The directory's name in `parent`: a hash of what is in it. */
  readonly name: string;
  /** The image, relative to that directory, and the SHA-256 of its bytes. */
  readonly image: string;
  readonly imageSha256: string;
}

/**
 * Copies a kernel's image, configuration and modules into a directory of `parent` that is named by their content, laid out as
 * `make install modules_install` does: `boot/` and `lib/modules/RELEASE`. Neither its sources nor its symbols are in it. One that is there
 * already is left as it is.
 *
 * @throws `KERNEL_NOT_COPIED`
 */
export function copyKernel(build: KernelBuild, parent: string): KernelCopy {
  const draft = join(parent, `.new-${randomName()}`);
  try {
    const content = createHash("sha256");
    const { release } = build;
    const image = `boot/vmlinuz-${release}`;
    const bytes = keepCopy(build.image, draft, image, content);
    if (build.configFile !== undefined) keepCopy(build.configFile, draft, `boot/config-${release}`, content);
    copyModules(build, draft, content);
    const name = content.digest("hex").slice(0, 32);
    const place = join(parent, name);
    if (!isDirectory(place)) renameSync(draft, place);
    return { name, image, imageSha256: sha256(bytes) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw codedError(
      "KERNEL_NOT_COPIED",
      `the kernel ${build.image} cannot be copied into ${parent}: ${reason}`,
      {
        cause,
      },
    );
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** The SHA-256 of an image as it is now, to be compared with that of a copy. @throws what `readRegular` throws */
export function imageSha256(image: string): string {
  return sha256(readRegular(image));
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Copies a file, and adds its place and its bytes to the hash. */
function keepCopy(from: string, root: string, place: string, content: Hash): Buffer {
  const bytes = readRegular(from);
  keep(bytes, root, place, content);
  return bytes;
}

function keep(bytes: Uint8Array, root: string, place: string, content: Hash): void {
  const to = join(root, place);
  makeDirectory(dirname(to));
  writeFileSync(to, bytes);
  content.update(`${place.length}:${place}:${bytes.length}:`).update(bytes);
}

/** There is always a directory of modules: by that one `resolveKernel` knows the layout. */
function copyModules(build: KernelBuild, root: string, content: Hash): void {
  const { tree, release, kind, modules } = build;
  const place = `lib/modules/${release}`;
  makeDirectory(join(root, place));
  if (tree === undefined || modules === "unsupported" || modules === "not-built") return;
  if (kind !== "build-tree") {
    for (const file of filesBelow(tree)) keepCopy(join(tree, file), root, `${place}/${file}`, content);
    return;
  }
  // Exactly what modules.order lists: a build tree also holds modules of older configurations.
  const listed = parseModulesOrder(readRegularText(join(tree, "modules.order")), (module) =>
    moduleExists(tree, module),
  );
  const { files } = findModuleFiles(tree, listed);
  for (const file of files) keepCopy(join(tree, file), root, `${place}/kernel/${file}`, content);
  keep(Buffer.from(renderInstalledOrder(listed)), root, `${place}/modules.order`, content);
  for (const name of ["modules.builtin", "modules.builtin.modinfo"]) {
    if (isFile(join(tree, name))) keepCopy(join(tree, name), root, `${place}/${name}`, content);
  }
}

/** The files of an installed directory of modules, in a fixed order; its links to sources and the image beside it are not of it. */
function filesBelow(tree: string, inside = ""): string[] {
  const names = readdirSync(join(tree, inside)).toSorted();
  return names.flatMap((name) => {
    const path = inside === "" ? name : `${inside}/${name}`;
    if (inside === "" && ["build", "source", "vmlinuz"].includes(name)) return [];
    const found = statSync(join(tree, path), { throwIfNoEntry: false });
    if (found?.isDirectory() === true) return filesBelow(tree, path);
    return found?.isFile() === true ? [path] : [];
  });
}
