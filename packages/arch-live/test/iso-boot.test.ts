import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { readBootEntries, readIsoBoot } from "../src/index.js";
import { scratchDirectory } from "./scratch.js";

const FILES = { "arch/boot/x86_64/vmlinuz-linux": "k", "arch/boot/x86_64/initramfs-linux.img": "i" };
const ENTRY = {
  kernel: "arch/boot/x86_64/vmlinuz-linux",
  initramfs: "arch/boot/x86_64/initramfs-linux.img",
  parameters: "archisobasedir=arch archisosearchuuid=2026-11-01-12-00-00-00",
};
const SPEECH = `title    Arch Linux install medium with speech
linux    /arch/boot/x86_64/vmlinuz-linux
initrd   /arch/boot/x86_64/initramfs-linux.img
options  ${ENTRY.parameters} accessibility=on
`;
const SYSTEMD_BOOT = SPEECH.replace(" accessibility=on", "").replace(" with speech", "");
const SYSLINUX = `LABEL arch
TEXT HELP
Boot the Arch Linux install medium on BIOS.
ENDTEXT
MENU LABEL Arch Linux install medium (x86_64, BIOS)
LINUX /arch/boot/x86_64/vmlinuz-linux
INITRD /arch/boot/intel-ucode.img,/arch/boot/x86_64/initramfs-linux.img
APPEND ${ENTRY.parameters}

LABEL archspeech
LINUX /arch/boot/x86_64/vmlinuz-linux
INITRD /arch/boot/x86_64/initramfs-linux.img
APPEND ${ENTRY.parameters} accessibility=on
`;
const GRUB = `menuentry "Arch Linux install medium" --class arch {
    set gfxpayload=keep
    linux /arch/boot/x86_64/vmlinuz-linux ${ENTRY.parameters}
    initrd /arch/boot/x86_64/initramfs-linux.img
}
`;
const LOOPBACK = `menuentry "Arch Linux install medium" {
    linux /arch/boot/x86_64/vmlinuz-linux archisobasedir=arch img_dev=UUID=\${archiso_img_dev_uuid} img_loop="\${iso_path}"
    initrd /arch/boot/x86_64/initramfs-linux.img
}
`;

/** An image with these files. */
function iso(files: Readonly<Record<string, string>>): string {
  const directory = scratchDirectory();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, "image", name)), { recursive: true });
    writeFileSync(join(directory, "image", name), text);
  }
  const path = join(directory, "an image, with 'quotes'.iso");
  execFileSync("xorriso", ["-as", "mkisofs", "-quiet", "-R", "-o", path, join(directory, "image")], {
    stdio: "ignore",
  });
  return path;
}

/** The code of the error for an image that cannot be booted. */
async function code(path: string): Promise<unknown> {
  try {
    return await readIsoBoot(path);
  } catch (error) {
    return Reflect.get(Object(error), "code");
  }
}

test("the entries of systemd-boot, syslinux and GRUB say the same, and the plain one is taken", async () => {
  const configurations = {
    "loader/entries/02-linux.conf": SYSTEMD_BOOT,
    "boot/syslinux/archiso_sys-linux.cfg": SYSLINUX,
    "boot/grub/grub.cfg": GRUB,
  };
  for (const [name, text] of Object.entries(configurations)) {
    const files = {
      ...FILES,
      [name]: text,
      "loader/entries/01-speech.conf": SPEECH,
      "boot/grub/loopback.cfg": LOOPBACK,
    };
    expect({ name, entry: await readIsoBoot(iso(files)) }).toEqual({ name, entry: ENTRY });
  }
  expect(readBootEntries(LOOPBACK)).toEqual([]);
});

test("an image of an older release is booted by its label", async () => {
  const entry = SYSLINUX.replaceAll("archisosearchuuid=2026-11-01-12-00-00-00", "archisolabel=ARCH_202104");
  const image = iso({ ...FILES, "arch/boot/syslinux/archiso_sys-linux.cfg": entry });
  expect((await readIsoBoot(image)).parameters).toBe("archisobasedir=arch archisolabel=ARCH_202104");
});

test("what is no image, is cut off, or is of somebody else is an error that says so", async () => {
  const directory = scratchDirectory();
  const text = join(directory, "text.iso");
  writeFileSync(text, "no image");
  expect(await code(text)).toBe("ISO_UNREADABLE");
  expect(await code(directory)).toBe("ISO_UNREADABLE");
  expect(await code(join(directory, "missing.iso"))).toBe("ISO_UNREADABLE");
  expect(await code(iso({ "casper/vmlinuz": "k" }))).toBe("ISO_NOT_ARCH");
  // An entry for files that are not there.
  expect(await code(iso({ "loader/entries/01-linux.conf": SYSTEMD_BOOT }))).toBe("ISO_NOT_ARCH");
});

test("without bsdtar the error names the package", async () => {
  const image = iso({ ...FILES, "boot/grub/grub.cfg": GRUB });
  const { PATH } = process.env;
  process.env["PATH"] = "/nonexistent";
  try {
    await expect(readIsoBoot(image)).rejects.toThrow(/bsdtar is not installed/);
  } finally {
    process.env["PATH"] = PATH;
  }
});
