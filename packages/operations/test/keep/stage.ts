import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVm } from "@vm/vm-store";
import { onTestFinished } from "vitest";
import { processHost, type Host, type Notice } from "../../src/index.js";

/** A home for VMs, and this machine as a host that has them there. */
export interface Stage {
  readonly root: string;
  readonly home: string;
  readonly host: Host;
  readonly notices: Notice[];
}

export function stage(): Stage {
  const root = mkdtempSync(join(tmpdir(), "vm keep, "));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const home = join(root, "vms");
  const notices: Notice[] = [];
  const host = processHost({
    env: { PATH: process.env["PATH"], HOME: root, VM_HOME: home },
    cwd: root,
    notice: (notice) => notices.push(notice),
  });
  return { root, home, host, notices };
}

/** A VM with a disk of 1 MiB that begins with a byte; with `disks`, more of them. */
export async function makeVm(home: string, name: string, { byte = 1, disks = 0 } = {}): Promise<void> {
  await createVm({ home, name, size: "1M" });
  const directory = join(home, name);
  for (let index = 1; index <= disks; index++) {
    execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", join(directory, `disk${index}.qcow2`), "1M"]);
    const config = readFileSync(join(directory, "vm.mjs"), "utf8");
    const line = `  ["-drive", "if=virtio,format=qcow2,file=disk${index}.qcow2"],\n`;
    writeFileSync(join(directory, "vm.mjs"), config.replace("  // The network", `${line}  // The network`));
  }
  for (const image of images(directory)) writeByte(join(directory, image), byte);
}

/** The images of a VM's disks, without what they stand on. */
function images(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.endsWith(".qcow2"));
}

export function writeByte(image: string, byte: number): void {
  execFileSync("qemu-io", ["-c", `write -q -P ${byte} 0 64k`, image]);
}

/** The byte that a disk begins with, by QEMU itself. */
export function byteOf(image: string): number {
  const output = execFileSync("qemu-io", ["-r", "-c", "read -v 0 1", image], { encoding: "utf8" });
  return Number.parseInt(/^00000000: {2}([0-9a-f]{2})/m.exec(output)?.[1] ?? "", 16);
}

export function sizeOf(image: string): number {
  const output = execFileSync("qemu-img", ["info", "--output=json", image], { encoding: "utf8" });
  const { "virtual-size": size }: { readonly "virtual-size": number } = JSON.parse(output);
  return size;
}

/** The error's code and message. */
export async function refusal(
  promise: Promise<unknown>,
): Promise<{ readonly code?: string; readonly message: string }> {
  return promise.then(
    () => Promise.reject(new Error("it was not refused")),
    (error: Error & { code?: string }) => error,
  );
}
