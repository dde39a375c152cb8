import { resolve } from "node:path";
import { optionProperty, type QemuOption } from "@vm/qemu-argv";

/** A disk image of this host that an option of QEMU names. */
export interface NamedImage {
  /** As it stands there. */
  readonly name: string;
  /** What QEMU is told of its format; undefined where it guesses. */
  readonly format?: string;
  /** A medium (a CD, say), firmware, or a disk. */
  readonly kind: "disk" | "firmware" | "medium";
  readonly access: "read-only" | "read-write";
}

const mediumFlags: ReadonlySet<string> = new Set(["cdrom", "fda", "fdb"]);
const imageFlags: ReadonlySet<string> = new Set([
  "hda",
  "hdb",
  "hdc",
  "hdd",
  "mtdblock",
  "pflash",
  "sd",
  ...mediumFlags,
]);

/** A disk image that a configuration names. */
export interface ConfigImage extends NamedImage {
  /** Absolute. */
  readonly path: string;
  /** Its option's place in the configuration. */
  readonly index: number;
}

/** The images of this host that QEMU's options name, in their order: of -drive, -hda and its like, -blockdev, and bare arguments. */
export function configImages(options: readonly QemuOption[], directory: string): ConfigImage[] {
  return options.flatMap((option, index) => {
    const image = imageOf(option);
    return image === undefined ? [] : [{ ...image, path: resolve(directory, image.name), index }];
  });
}

/** The image of this host that an option names. */
export function imageOf(option: QemuOption): NamedImage | undefined {
  const named = namedImage(option);
  const name = named === undefined ? undefined : localPath(named.name);
  return named === undefined || name === undefined ? undefined : { ...named, name };
}

function namedImage(option: QemuOption): NamedImage | undefined {
  if ("image" in option) return { name: option.image, kind: "disk", access: "read-write" };
  const { flag } = option;
  if ("value" in option && imageFlags.has(flag)) {
    const isMedium = mediumFlags.has(flag);
    return {
      name: option.value,
      kind: isMedium ? "medium" : flag === "pflash" ? "firmware" : "disk",
      access: flag === "cdrom" ? "read-only" : "read-write",
    };
  }
  if (flag === "drive") return driveImage(option);
  return flag === "blockdev" ? blockdevImage(option) : undefined;
}

function driveImage(option: QemuOption): NamedImage | undefined {
  const of = (key: string): string | undefined => optionProperty(option, key);
  const name = of("file") ?? of("file.filename");
  if (name === undefined) return undefined;
  const format = of("format") ?? of("driver");
  const isMedium = of("media") === "cdrom";
  return {
    name,
    ...(format === undefined ? {} : { format }),
    kind: isMedium ? "medium" : of("if") === "pflash" ? "firmware" : "disk",
    access: isMedium || isTrue(of("readonly")) ? "read-only" : "read-write",
  };
}

function blockdevImage(option: QemuOption): NamedImage | undefined {
  const of = (key: string): string | undefined => optionProperty(option, key);
  const driver = of("driver");
  const name = driver === "file" ? of("filename") : of("file.filename");
  if (name === undefined) return undefined;
  return {
    name,
    ...(driver === undefined || driver === "file" ? {} : { format: driver }),
    kind: "disk",
    access: isTrue(of("read-only")) ? "read-only" : "read-write",
  };
}

function isTrue(text: string | undefined): boolean {
  return text === "on" || text === "true" || text === "yes" || text === "y";
}

/** A path of this host: QEMU takes what stands before a colon for a protocol, unless a slash comes first (block.c). */
function localPath(name: string): string | undefined {
  const [, protocol, rest] = /^([^/:]*):(.*)$/s.exec(name) ?? [];
  if (protocol === undefined) return name === "" ? undefined : name;
  return protocol === "file" ? rest : undefined;
}
