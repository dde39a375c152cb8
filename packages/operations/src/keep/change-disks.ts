import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { codedError, type Plan } from "@vm/command-plan";
import { optionId, optionProperty } from "@vm/qemu-argv";
import {
  checkDiskSize,
  configImages,
  createImage,
  diskOptions,
  findLinked,
  moreDisk,
  optionWords,
  planConfigText,
  readConfigText,
  withMoreOptions,
  withoutOptions,
} from "@vm/vm-store";
import { configOf, type ChangedVm } from "./change.js";
import { disk } from "./disks.js";

/** A new image, and then the option that names it: no configuration ever names an image that is not there. @throws SIZE_INVALID, CONFIG_NOT_EDITABLE */
export async function planDiskAddition(
  vm: ChangedVm,
  { size, bus }: { readonly size: string; readonly bus: "nvme" | "virtio" },
): Promise<Plan> {
  checkDiskSize(size);
  const { directory } = vm;
  const named = configImages((await configOf(vm)).qemuOptions, directory).map(({ path }) => path);
  const image = freeImage(
    (name) => existsSync(join(directory, name)) || named.includes(join(directory, name)),
  );
  const text = withMoreOptions(readConfigText(directory), diskOptions({ image, bus }));
  const draft = join(directory, `.${image}.new`);
  return [
    { kind: "remove", path: draft, recursive: true },
    createImage(draft, size),
    { kind: "rename", from: draft, to: join(directory, image) },
    ...planConfigText(directory, text),
  ];
}

function freeImage(isTaken: (name: string) => boolean): string {
  for (let number = 1; ; number++) {
    const name = moreDisk(number);
    if (!isTaken(name)) return name;
  }
}

/**
 * The option that names the image goes first, and what refers to it; then the image.
 * @throws DISK_NOT_FOUND, VM_LINKED, CONFIG_NOT_EDITABLE
 */
export async function planDiskRemoval(
  vm: ChangedVm,
  { image, file }: { readonly image: string; readonly file: "keep" | "remove" },
): Promise<Plan> {
  const { directory, home, name } = vm;
  const { qemuOptions } = await configOf(vm);
  const found = disk(configImages(qemuOptions, directory), image, name);
  const linked = file === "remove" ? findLinked(home, name, found.path) : [];
  if (linked.length > 0) {
    throw codedError(
      "VM_LINKED",
      `${image} cannot be removed: the disks of ${linked.join(", ")} stand on it`,
      {
        hint: "Remove those first.",
      },
    );
  }
  const text = readConfigText(directory);
  if (optionWords(text).length !== qemuOptions.length) {
    throw codedError(
      "CONFIG_NOT_EDITABLE",
      "vm.mjs cannot be changed by a command: several options stand in one list",
      {
        hint: "vm edit NAME opens it in your editor.",
      },
    );
  }
  const id = optionId(qemuOptions[found.index] ?? { flag: "" });
  const devices = qemuOptions.flatMap((option, index) =>
    id !== undefined && index !== found.index && optionProperty(option, "drive") === id ? [index] : [],
  );
  const isOwn = dirname(found.path) === directory;
  return [
    ...planConfigText(directory, withoutOptions(text, [found.index, ...devices])),
    ...(file === "remove" && isOwn ? [{ kind: "remove", path: found.path } as const] : []),
  ];
}
