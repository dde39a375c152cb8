import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { guestFile } from "@vm/modules-mounter";

export const RELEASE = "6.12.0-rc1+";

export interface MadeUpGuest {
  readonly root: string;
  /** The generator, installed beside the mount script as in a real guest. */
  readonly generator: string;
  readonly mountScript: string;
}

/** A directory that is removed after the test. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "vm-modules-mounter-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Writes a file and the directories above it. */
export function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/**
 * A root directory that looks like a guest with devices for files of the host.
 * @param tags the devices' tags, as sysfs shows them
 * @param way what they are; `old-virtiofs` is that of kernels before Linux 6.9, which tell no tags
 * @param driver with `absent` the devices are there, and no driver tells their tags
 */
export function madeUpGuest({
  tags = ["modules\0"],
  way = "9p",
  driver = "present",
  usr = "merged",
  cmdline = "root=/dev/vda1 console=ttyS0",
}: {
  readonly tags?: readonly string[];
  readonly way?: "9p" | "virtiofs" | "old-virtiofs";
  readonly driver?: "present" | "absent";
  readonly usr?: "merged" | "split";
  readonly cmdline?: string;
} = {}): MadeUpGuest {
  const root = temporaryDirectory();
  const systemd = join(root, "usr/lib/systemd");
  mkdirSync(join(root, "usr/lib/modules"), { recursive: true });
  if (usr === "merged") symlinkSync("usr/lib", join(root, "lib"));
  else mkdirSync(join(root, "lib/modules"), { recursive: true });
  write(join(root, "proc/cmdline"), `${cmdline}\n`);
  write(join(root, "proc/sys/kernel/osrelease"), `${RELEASE}\n`);
  tags.forEach((tag, index) => {
    const bus = join(root, "sys/bus/virtio");
    write(join(bus, `devices/virtio${index}/device`), way === "9p" ? "0x0009\n" : "0x001a\n");
    if (driver === "absent") return;
    if (way === "9p") write(join(bus, `drivers/9pnet_virtio/virtio${index}/mount_tag`), tag);
    else write(join(bus, `drivers/virtiofs/virtio${index}/uevent`), "");
    if (way === "virtiofs") write(join(root, `sys/fs/virtiofs/${index}/tag`), `${tag.replace("\0", "")}\n`);
  });
  const generator = join(systemd, "system-generators/vm-modules-mounter");
  const mountScript = join(systemd, "vm-modules-mount");
  cpSync(guestFile("vm-modules-mounter"), generator);
  cpSync(guestFile("vm-modules-mount"), mountScript);
  return { root, generator, mountScript };
}
