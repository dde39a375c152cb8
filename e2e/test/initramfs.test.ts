import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findVirtiofsd } from "@vm/guest-run";
import { type BootNeeds, ensureInitramfs, type InitramfsKernel } from "@vm/initramfs";
import { ensureModulesIndex, resolveKernel } from "@vm/kernel-build";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DebianKernel, debianKernel } from "../fixtures/debian-kernel.mjs";
import { kernelFixture } from "../fixtures/kernel.mjs";
import { runProgram } from "../guest/vm-home.js";

const NINE_P = "rootfstype=9p rootflags=trans=virtio,version=9p2000.L,cache=loose,msize=262144";
const HOST_ROOT = "local,id=root,path=/,mount_tag=/dev/root,security_model=none,readonly=on,multidevs=remap";

const MACHINE =
  "-nodefaults -no-user-config -no-reboot -display none -serial stdio -accel tcg,thread=multi -cpu max -machine q35 -m 1G";

let full: DebianKernel;
let cloud: DebianKernel;
let work: string;

beforeAll(async () => {
  full = await debianKernel({ flavour: "amd64" });
  cloud = await debianKernel({ flavour: "cloud-amd64" });
  await kernelFixture();
  work = mkdtempSync(join(tmpdir(), "vm-initramfs-"));
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

/** The kernel as it was unpacked, with an index that the host's depmod makes. */
async function described({ root, config }: DebianKernel): Promise<InitramfsKernel> {
  const kernel = await resolveKernel(root, { cwd: work });
  const index = await ensureModulesIndex(kernel, { cacheDir: join(work, "cache") });
  if (index.state === "none" || kernel.tree === undefined) throw new Error(`no index of ${root}`);
  return {
    release: kernel.release,
    arch: kernel.arch,
    config: readFileSync(config, "utf8"),
    modules: { layout: "installed", directory: kernel.tree, index: index.directory },
  };
}

async function initramfs(kernel: DebianKernel, needs: BootNeeds): Promise<string> {
  const made = ensureInitramfs(await described(kernel), needs, { cacheDir: join(work, "cache") });
  if (made.state === "not-needed") throw new Error("expected an initramfs");
  return made.path;
}

/** Boots a kernel to its end: what came on the serial console. */
async function boot(
  { image, initrd }: { readonly image: string; readonly initrd?: string },
  parameters: string,
  ...options: readonly string[]
): Promise<string> {
  // Where the host is busy an emulated timer can come too late for the kernel's check of it.
  const append = `console=ttyS0 panic=-1 no_timer_check quiet ${parameters}`;
  const { stdout, stderr, status } = await runProgram([
    "qemu-system-x86_64",
    ...MACHINE.split(" "),
    "-kernel",
    image,
    ...(initrd === undefined ? [] : ["-initrd", initrd]),
    "-append",
    append,
    ...options,
  ]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.replaceAll("\r", "");
}

/** What PID 1 finds: no double quotes, which the kernel's command line needs around it. */
const REPORT = [
  "mount -t proc proc /proc",
  "echo '<<<'",
  "env",
  "echo args: $0 $#: $*",
  "echo in $(pwd), umask $(umask)",
  "for n in /proc/$$/fd/[012]; do echo $n: $(readlink $n); done",
  "grep -v devtmpfs /proc/mounts",
  "grep -E '^(Sig[A-P]|Shd|PPid|CapEff|Seccomp:)' /proc/$$/status",
  "for p in /proc/[0-9]*; do [ ! -e $p/exe ] || echo process $p; done",
  "echo '>>>'",
  "echo o >/proc/sysrq-trigger",
  "sleep 60",
].join("; ");

function reportIn(console: string): string {
  return /<<<\n([^]*)>>>\n/.exec(console)?.[1] ?? `no report in:\n${console}`;
}

test("PID 1 on a 9p root finds with an initramfs what it finds where all is built in", async () => {
  const parameters = `loglevel=0 root=/dev/root ${NINE_P} ro a.word=1 colour=blue init=/bin/sh -- -c "${REPORT}" name x=y`;
  // Of the same version as the kernel that has all built in: what is said of a mount differs between versions.
  const same = await debianKernel({ flavour: "amd64", suite: "sid" });
  const builtIn = await kernelFixture();
  const image = join(builtIn.build, "arch/x86/boot/bzImage");
  const without = reportIn(await boot({ image }, parameters, "-virtfs", HOST_ROOT));
  const initrd = await initramfs(same, { root: "9p", drivers: ["virtio-console", "overlay"] });
  const found = reportIn(await boot({ image: same.image, initrd }, parameters, "-virtfs", HOST_ROOT));
  expect(found).toBe(without);
  expect(found).toContain("args: name 1: x=y\nin /, umask 0022\n");
  expect(found).toContain("/fd/0: /dev/console\n");
  expect(found).toMatch(/^\/dev\/root \/ 9p ro,.*msize=262144/m);
});

/** A disk whose second partition has a file system with busybox on it, and an init that says how it was started. */
function smallDisk(): string {
  const root = join(work, "disk-root");
  for (const name of ["bin", "dev", "proc"]) mkdirSync(join(root, name), { recursive: true });
  copyFileSync("/bin/busybox", join(root, "bin/busybox"));
  symlinkSync("busybox", join(root, "bin/sh"));
  const init = "#!/bin/busybox sh\n/bin/busybox mount -t proc proc /proc\n";
  const report = "echo '<<<'\necho \"$0 $*\"\ngrep -v devtmpfs /proc/mounts\necho '>>>'\n";
  writeFileSync(join(root, "bin/init"), `${init}${report}poweroff -f\n`, { mode: 0o755 });
  const disk = join(work, "disk.raw");
  writeFileSync(disk, "");
  truncateSync(disk, 64 << 20);
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };
  const table = `label: gpt\nsize=1MiB\nstart=16MiB, size=40MiB, uuid=${PARTUUID}\n`;
  execFileSync("sfdisk", ["--quiet", disk], { input: table, env });
  const where = ["-d", root, "-E", `offset=${16 << 20}`, disk, "40M"];
  execFileSync("mkfs.ext4", ["-q", "-F", "-L", "my-root", "-O", "^has_journal", ...where], {
    env,
    stdio: "ignore",
  });
  return disk;
}

const PARTUUID = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";

test("a root on a disk is found by what root= says, and what cannot be found is said in one line", async () => {
  const drive = ["-drive", `file=${smallDisk()},if=virtio,format=raw,snapshot=on`];
  const initrd = await initramfs(full, { root: "virtio-blk", drivers: ["9p"] });
  const start = (parameters: string): Promise<string> =>
    boot({ image: full.image, initrd }, parameters, ...drive);
  const partition = reportIn(await start(`loglevel=0 root=PARTUUID=${PARTUUID} rw single`));
  expect(partition).toBe(
    "/bin/init single\n/dev/vda2 / ext4 rw,relatime 0 0\nproc /proc proc rw,relatime 0 0\n",
  );
  const label = reportIn(await start("loglevel=0 root=LABEL=my-root rootfstype=ext4 rootflags=noatime"));
  expect(label).toBe("/bin/init \n/dev/vda2 / ext4 ro,noatime 0 0\nproc /proc proc rw,relatime 0 0\n");
  const lost = await start("root=/dev/vdb1 rootwait=1");
  expect(lost).toMatch(
    /vm: initramfs: found no disk for root=\/dev\/vdb1 in 1 s; there are: vda vda1 vda2\n[^\n]*Kernel panic/,
  );
});

test("a kernel with no 9p at all says so, and has its root over virtiofs instead", async () => {
  await expect(initramfs(cloud, { root: "9p" })).rejects.toThrow(
    expect.objectContaining({ code: "DRIVER_MISSING", message: expect.stringContaining("CONFIG_9P_FS") }),
  );
  const initrd = await initramfs(cloud, { root: "virtiofs", drivers: ["virtio-console", "overlay"] });
  const socket = join(work, "virtiofs.sock");
  const daemon = spawn(
    findVirtiofsd(process.env).path,
    // The daemon in Rust takes the options of QEMU's own as well.
    [`--socket-path=${socket}`, "-o", "source=/", "-o", "sandbox=chroot"],
    { stdio: "ignore" },
  );
  const ended = once(daemon, "exit");
  let console = "";
  try {
    await expect.poll(() => existsSync(socket), { timeout: 60_000 }).toBe(true);
    // The daemon in Rust announces what is mounted below the root, and the guest mounts what it walks into.
    const own = "grep -vE ' (devtmpfs|virtiofs) ' /proc/mounts; grep ' / ' /proc/mounts";
    const report = `mount -t proc proc /proc; echo '<<<'; ${own}; echo '>>>'`;
    console = await boot(
      { image: cloud.image, initrd },
      `loglevel=0 root=host rootfstype=virtiofs init=/bin/sh -- -c "${report}; echo o >/proc/sysrq-trigger; sleep 60"`,
      ...shareOf(socket),
    );
  } finally {
    daemon.kill();
    await ended;
  }
  expect(reportIn(console)).toBe("proc /proc proc rw,relatime 0 0\nhost / virtiofs ro,relatime 0 0\n");
});

/** The options for the share of a virtiofsd, which wants the guest's memory to be shared with it. */
function shareOf(socket: string): string[] {
  const memory = "-object memory-backend-memfd,id=memory,size=1G,share=on -numa node,memdev=memory";
  const device = [
    "-chardev",
    `socket,id=host,path=${socket}`,
    "-device",
    "vhost-user-fs-pci,chardev=host,tag=host",
  ];
  return [...memory.split(" "), ...device];
}
