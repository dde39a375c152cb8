import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { arm64Guest } from "../fixtures/arm64-guest.mjs";
import { createVmHome, type Outcome, runProgram, type VmHome } from "../guest/vm-home.js";

let home: VmHome;
let work: string;
let deb: string;
let root: string;

beforeAll(async () => {
  ({ deb, root } = await arm64Guest());
  home = createVmHome();
  work = mkdtempSync(join(tmpdir(), "vm foreign-"));
});

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
  home.remove();
});

function vm(...args: readonly string[]): Promise<Outcome> {
  const [program, ...rest] = home.vm(...args);
  return runProgram([program, ...rest], {
    cwd: work,
    env: { ...home.env, VM_CACHE_HOME: join(work, "cache"), VM_ACCEL: "auto" },
  });
}

test("an arm64 kernel on this machine's own root is refused before the boot, with what makes another root", async () => {
  expect(await vm("run", "-k", deb, "--exec", "true")).toMatchObject({
    status: 249,
    stdout: "",
    stderr: expect.stringMatching(
      /its \/bin\/sh is a program for x86_64, the kernel is for aarch64\.\n.*mmdebstrap --variant=extract --arch=arm64/,
    ),
  });
});

test("a command runs on an arm64 kernel out of its package, with its modules, network, streams and status", async () => {
  const command = [
    "uname -m",
    "modprobe dummy && grep -c ^dummy /proc/modules",
    "ip -br addr show eth0",
    "cat /proc/cmdline >&2",
    "exit 7",
  ].join("; ");
  const options = ["--root", root, "--network", "user", "--timeout", "300"];
  const found = await vm("run", "-k", deb, ...options, "--exec", command);
  expect(found).toMatchObject({
    status: 7,
    stdout: expect.stringMatching(/^aarch64\n1\neth0 +\S+ +10\.0\.2\.15\/24 .*\n$/),
    // What vm says of KVM comes first.
    stderr: expect.stringMatching(/^console=ttyAMA0 panic=-1 /m),
  });
});

/** A disk with busybox alone on it, and an init that says where it runs. */
function makeDisk(image: string): void {
  const tree = join(work, "disk");
  for (const name of ["bin", "dev", "proc"]) mkdirSync(join(tree, name), { recursive: true });
  copyFileSync(join(root, "bin/busybox"), join(tree, "bin/busybox"));
  symlinkSync("busybox", join(tree, "bin/sh"));
  const script = "#!/bin/sh\nb=/bin/busybox\n$b mount -t proc proc /proc\n";
  const report = 'echo "init on $($b uname -m), $($b grep -c virtio /proc/interrupts) interrupts"\n';
  writeFileSync(join(tree, "bin/init"), `${script}${report}$b poweroff -f\n`, { mode: 0o755 });
  const raw = join(work, "disk.raw");
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };
  execFileSync("mkfs.ext4", ["-q", "-F", "-d", tree, raw, "40M"], { env, stdio: "ignore" });
  execFileSync("qemu-img", ["convert", "-O", "qcow2", raw, image]);
}

test("a VM made for arm64 boots that kernel from its disk, and refuses one for a PC", async () => {
  expect(await vm("create", "--arch", "arm64", "-s", "40M", "Arm")).toMatchObject({ status: 0 });
  makeDisk(join(home.directory, "vm/Arm/root.qcow2"));
  const busybox = join(root, "bin/busybox");
  const onDisk = ["-a", "root=/dev/vda rootfstype=ext4 quiet", "--busybox", busybox];
  const found = await vm("run", "Arm", "-k", deb, ...onDisk, "--", "-no-reboot");
  expect(found.stdout).toMatch(/init on aarch64, [1-9]\d* interrupts\r?\n/);
  expect(found.status).toBe(0);
  expect(found.stderr).toMatch(/KVM is not used: the guest is aarch64, the host x86_64/);
  const pc = join(work, "vmlinux");
  writeFileSync(pc, pcImage());
  expect(await vm("run", "Arm", "-k", pc, "-n")).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/Arm is a machine for aarch64, and the kernel is for x86_64\n/),
  });
});

/** The head of a bzImage of 64 bits with a release: enough to be told what it is. */
function pcImage(): Buffer {
  const image = Buffer.alloc(0x4000);
  image.writeUInt8(1, 0x1f1);
  image.writeUInt16LE(0xaa55, 0x1fe);
  image.write("HdrS", 0x202, "latin1");
  image.writeUInt16LE(0x20f, 0x206);
  image.writeUInt16LE(0x3000 - 0x200, 0x20e);
  image.writeUInt8(1, 0x211);
  image.writeUInt16LE(1, 0x236);
  image.write("6.1.0-made-up (someone@somewhere) #1 SMP\0", 0x3000, "latin1");
  return image;
}
