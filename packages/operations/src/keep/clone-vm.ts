import { lstatSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { codedError, type Plan, type Step } from "@vm/command-plan";
import { randomName } from "@vm/host-files";
import { checkNewName, draftOf, type ChangedVm } from "./change.js";
import { checkOwnImages, writableImages, type VmImage } from "./disks.js";

/** What stands in a VM's directory and is of one run, or of one VM. */
const ownFiles = new Set([".lock", ".gdb.sock", ".qmp.sock"]);

/**
 * A copy of a VM, whole or not at all. With reflinks where the file system has them. `linked`: what is on the disks now becomes the base of
 * both, which neither writes to, and each writes what is new into an image of its own; so both can run.
 * @throws VM_NAME_INVALID, VM_EXISTS, DISK_ELSEWHERE, LINK_IMPOSSIBLE, and what `loadConfig` throws
 */
export async function planClone(
  vm: ChangedVm,
  { newName, linked = false }: { readonly newName: string; readonly linked?: boolean },
): Promise<Plan> {
  checkNewName(newName, vm.home);
  const images = await writableImages(vm);
  checkOwnImages(images, vm);
  const draft = draftOf("copy", newName, vm);
  const links = linked ? images.map((image) => linkOf(image, vm)) : [];
  const left = new Set([...ownFiles, ...links.map(({ image }) => basename(image))]);
  const copied = readdirSync(vm.directory).filter((name) => !left.has(name) && !(linked && isBase(name)));
  return [
    { kind: "make-directory", path: draft },
    { kind: "remove-at-end", path: draft },
    ...copyFiles(
      copied.map((name) => join(vm.directory, name)),
      draft,
    ),
    ...links.flatMap((link) => linkSteps(link, { vm, draft })),
    { kind: "rename", from: draft, to: join(vm.home, newName) },
  ];
}

function copyFiles(files: readonly string[], to: string): Step[] {
  if (files.length === 0) return [];
  return [{ kind: "run", argv: ["cp", "-a", "--reflink=auto", "--", ...files, `${to}/`] }];
}

interface Link {
  /** The image: absolute. */
  readonly image: string;
  /** What it becomes, beside it. */
  readonly base: string;
  readonly sizeBytes: number;
}

const basePattern = /\.base-[0-9a-f]{12}$/;

function isBase(name: string): boolean {
  return basePattern.test(name);
}

function linkOf({ path, name, header, kind }: VmImage, vm: ChangedVm): Link {
  const reason = lstatSync(vm.directory).isSymbolicLink()
    ? `${vm.directory} is a symbolic link`
    : header.format !== "qcow2"
      ? `${name} is a ${header.format} image`
      : header.snapshotCount > 0
        ? `${name} has snapshots, which would be lost to it`
        : undefined;
  if (reason !== undefined) {
    throw codedError("LINK_IMPOSSIBLE", `${vm.name} cannot be cloned with --linked: ${reason}`, {
      hint: kind === "firmware" ? "Leave --linked out." : "Leave --linked out: then the disk is copied.",
    });
  }
  return { image: path, base: `${path}.base-${randomName()}`, sizeBytes: header.sizeBytes };
}

/** The image gets a second name, and in one rename its first name goes to an empty one over it: at no time is there none. */
function linkSteps(
  { image, base, sizeBytes }: Link,
  { vm, draft }: { readonly vm: ChangedVm; readonly draft: string },
): Step[] {
  const own = `${draft}/${basename(image)}.own`;
  const from = (backing: string, file: string): Step => ({
    kind: "run",
    argv: [
      "qemu-img",
      "create",
      "-q",
      "-f",
      "qcow2",
      "-o",
      "nocow=on",
      "-u",
      "-F",
      "qcow2",
      "-b",
      backing,
      file,
      String(sizeBytes),
    ],
  });
  return [
    from(`../${vm.name}/${basename(base)}`, join(draft, basename(image))),
    from(basename(base), own),
    { kind: "run", argv: ["ln", "--", image, base] },
    { kind: "rename", from: own, to: image },
  ];
}
