import { type Partition, diskLayout } from "../disk-layout.js";
import type { Installation, PartitionTable } from "../installation.js";
import { mkfsWords } from "../mkfs.js";
import type { Section } from "../section.js";
import { command, withInput } from "../shell-text.js";

/** Where the EFI system partition is mounted: kernels stay on the root file system, so that its size is never a question. */
export const EFI_DIRECTORY = "/efi";

/** As sfdisk names them for both tables, see sfdisk(8). */
const TYPES: Readonly<Record<PartitionTable, Readonly<Record<Partition["role"], string>>>> = {
  gpt: {
    root: "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709",
    "bios-boot": "21686148-6449-6E6F-744E-656564454649",
    "efi-system": "C12A7328-F81F-11D2-BA4B-00A0C93EC93B",
  },
  mbr: { root: "83, bootable", "bios-boot": "83", "efi-system": "ef" },
};

/** Everything that was on the disk is gone after this. */
export function storageSection(installation: Installation): Section {
  const { partitionTable } = installation;
  const layout = diskLayout(installation);
  const lines = layout.map(({ device, size, role }) => {
    const fields = [...(size === undefined ? [] : [`size=${size}`]), `type=${TYPES[partitionTable][role]}`];
    return `${device} : ${fields.join(", ")}`;
  });
  const label = partitionTable === "gpt" ? "gpt" : "dos";
  const efiSystem = layout.find(({ role }) => role === "efi-system")?.device;
  return {
    name: "prepare_storage",
    title: `Partition and format ${installation.rootDev}`,
    body: [
      withInput(
        'sfdisk --wipe always --wipe-partitions always "$root_device"',
        `${[`label: ${label}`, ...lines].join("\n")}\n`,
      ),
      "# The kernel makes the devices of the partitions, and udev the links to them, where there is udev.",
      "if [[ -e /run/udev/control ]]; then",
      "  udevadm settle",
      "fi",
      `${command(...mkfsWords(installation))} "$root_partition"`,
      'mount "$root_partition" /mnt',
      ...(efiSystem === undefined
        ? []
        : [
            command("mkfs.fat", "-F", "32", efiSystem),
            command("mount", "--mkdir", efiSystem, `/mnt${EFI_DIRECTORY}`),
          ]),
    ],
  };
}
