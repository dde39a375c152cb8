import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, onTestFinished } from "vitest";

/** A temporary directory that goes away with the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "kernel-build-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export const x86Config = `#
# Linux/x86 6.1.0 Kernel Configuration
#
CONFIG_64BIT=y
CONFIG_X86_64=y
CONFIG_MODULES=y
# CONFIG_MODULE_SIG_FORCE is not set
CONFIG_NET_9P=y
CONFIG_NET_9P_VIRTIO=y
CONFIG_9P_FS=y
CONFIG_TMPFS=y
CONFIG_VIRTIO_PCI=y
`;

export interface MadeUpTree {
  readonly config?: string;
  readonly release?: string;
  /** Path of the image in the tree; null for none. */
  readonly image?: string | null;
  /** What the bzImage says of itself; null for an image with no header. */
  readonly imageRelease?: string | null;
  /** The text of modules.order; null for none. */
  readonly modulesOrder?: string | null;
}

/** Makes what `make` leaves, with times in the order in which it leaves them, the last a minute ago. */
export function makeTree(
  tree: string,
  {
    config = x86Config,
    release = "6.1.0",
    image,
    imageRelease = release,
    modulesOrder = "",
  }: MadeUpTree = {},
): string {
  put(tree, ".config", config, 600);
  put(tree, "include/config/auto.conf", config, 590);
  put(tree, "include/config/kernel.release", `${release}\n`, 580);
  if (modulesOrder !== null) put(tree, "modules.order", modulesOrder, 300);
  put(tree, "modules.builtin", "kernel/fs/ext4/ext4.ko\n", 300);
  put(tree, "modules.builtin.modinfo", "ext4.license=GPL\0ext4.file=fs/ext4/ext4\0ext4.alias=fs-ext4\0", 300);
  put(tree, "vmlinux", "\x7fELF", 250);
  if (image !== null) put(tree, image ?? "arch/x86/boot/bzImage", bzImage(imageRelease), 60);
  return tree;
}

/** Writes a file whose time is so many seconds ago. */
export function put(tree: string, path: string, content: string | Uint8Array, ageSeconds = 60): void {
  const file = join(tree, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  setAge(file, ageSeconds);
}

export function setAge(file: string, ageSeconds: number): void {
  const time = Date.now() / 1000 - ageSeconds;
  utimesSync(file, time, time);
}

/** What boots as an x86 image, as far as its header goes. */
export function bzImage(release: string | null): Buffer {
  const image = Buffer.alloc(0x400);
  if (release === null) return image;
  image.write("HdrS", 0x202, "latin1");
  image.writeUInt16LE(0x100, 0x20e);
  image.write(`${release} (me@here) #1 SMP\0`, 0x300, "latin1");
  return image;
}

/** The compiled modules' paths. */
type Objects = { readonly [name in "core" | "user" | "device" | "changed"]: string };

/**
 * Real relocatable objects, as far as depmod looks: `core` exports a symbol that `user` needs; `device` has an alias. They are compiled before
 * the first test of the file, and there for all of them.
 */
export function compiledModules(): Objects {
  const directory = mkdtempSync(join(tmpdir(), "kernel-build-"));
  const object = (name: keyof Objects): string => join(directory, `${name}.ko`);
  const sources: Readonly<Record<keyof Objects, string>> = {
    core: `${modinfo("license=GPL")} static const char names[] __attribute__((section("__ksymtab_strings"), used)) = "core_call"; void core_call(void) {}`,
    user: `${modinfo("license=GPL", "depends=core")} void core_call(void); void use(void) { core_call(); }`,
    device: modinfo("license=GPL", "alias=pci:v00001AF4d00001000sv*sd*bc*sc*i*"),
    changed: modinfo("license=GPL", "alias=pci:v0000DEADd0000BEEFsv*sd*bc*sc*i*"),
  };
  beforeAll(() => {
    for (const name of ["core", "user", "device", "changed"] as const)
      execFileSync("gcc", ["-c", "-x", "c", "-o", object(name), "-"], { input: sources[name] });
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return {
    core: object("core"),
    user: object("user"),
    device: object("device"),
    changed: object("changed"),
  };
}

function modinfo(...entries: string[]): string {
  const text = entries.map((entry) => `${entry}\\0`).join("");
  return `static const char info[] __attribute__((section(".modinfo"), used)) = "${text}";`;
}

/** Puts a compiled module where `make` would: the file is new, and so is the time of its directory. */
export function install(tree: string, path: string, object: string): void {
  const file = join(tree, path);
  mkdirSync(dirname(file), { recursive: true });
  rmSync(file, { force: true });
  copyFileSync(object, file);
}

/** Writes files by their paths below `directory`. */
export function writeFiles(directory: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return directory;
}
