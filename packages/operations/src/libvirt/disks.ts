import { optionProperty, type QemuOption } from "@vm/qemu-argv";
import { saysOnly, verbatim, type Place } from "./place.js";
import type { Element } from "./xml.js";

const diskFlags: ReadonlySet<string> = new Set(
  "blockdev cdrom drive fda fdb hda hdb hdc hdd mtdblock pflash sd".split(" "),
);

/** Whether an option is a disk, or a device in front of one. */
export function isDisk(option: QemuOption): boolean {
  if ("image" in option) return true;
  return (
    diskFlags.has(option.flag) || (option.flag === "device" && optionProperty(option, "drive") !== undefined)
  );
}

/**
 * The machine's disks. Their order gives them their names in the guest, and libvirt puts its own in front of what is on its
 * `<qemu:commandline>`: so all of them are in XML, or none is.
 *
 * @param form `as they stand`: another option is about all of them (-boot, -snapshot), and would miss those of libvirt
 */
export function placeDisks(
  disks: readonly QemuOption[],
  { form }: { readonly form: "as they stand" | "as XML" },
): ReadonlyMap<QemuOption, Place> {
  const elements = disks.map((option, index) => diskElement(option, `vd${letters(index)}`));
  const isPlain = form === "as XML" && elements.every((element) => element !== undefined);
  return new Map(
    disks.map((option, index) => {
      const element = elements[index];
      return [option, isPlain && element !== undefined ? { devices: [element] } : verbatim(option)];
    }),
  );
}

const caches = ["none", "writeback", "writethrough", "directsync", "unsafe"];

/** A plain image on virtio's bus; undefined for all else. libvirt has other defaults than QEMU where no format is said. */
function diskElement(option: QemuOption, target: string): Element | undefined {
  if (!("flag" in option) || option.flag !== "drive") return undefined;
  if (!saysOnly(option, "file", ["if", "format", "file", "media", "readonly", "cache", "discard"]))
    return undefined;
  const of = (key: string): string | undefined => optionProperty(option, key);
  const [file = "", format = "", cache, discard] = [of("file"), of("format"), of("cache"), of("discard")];
  const [media = "disk", readonly = "off"] = [of("media"), of("readonly")];
  const isPlain =
    of("if") === "virtio" &&
    media === "disk" &&
    file.startsWith("/") &&
    !file.startsWith("/dev/") &&
    ["raw", "qcow2"].includes(format) &&
    ["on", "off"].includes(readonly) &&
    (cache === undefined || caches.includes(cache)) &&
    (discard === undefined || ["ignore", "unmap"].includes(discard));
  if (!isPlain) return undefined;
  return {
    name: "disk",
    attributes: { type: "file", device: "disk" },
    content: [
      {
        name: "driver",
        attributes: {
          name: "qemu",
          type: format,
          ...(cache === undefined ? {} : { cache }),
          ...(discard === undefined ? {} : { discard }),
        },
      },
      { name: "source", attributes: { file } },
      { name: "target", attributes: { dev: target, bus: "virtio" } },
      ...(readonly === "on" ? [{ name: "readonly" }] : []),
    ],
  };
}

/** a to z, aa, ab... as Linux has it. */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}
