import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ensureModulesIndex, resolveKernel } from "@vm/kernel-build";
import { buildPackage } from "@vm/modules-mounter";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createOverlay, debianDisk } from "../fixtures/debian-disk.mjs";
import { ROOT_PASSWORD } from "../fixtures/debian-root.mjs";
import { kernelFixture } from "../fixtures/kernel.mjs";
import { installedRoot } from "../guest/installed-root.js";
import { type GuestShell, login } from "../guest/guest-shell.js";
import { HELLO_PATH, type SmallBuildTree, smallBuildTree } from "../guest/small-build-tree.js";
import { type Terminal, openTerminal, shellWords } from "../guest/terminal.js";

const SERVICE = "vm-modules-mounter";

let work: string;
let base: string;
let build: string;
let release: string;
let tree: SmallBuildTree;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "vm-modules-e2e-"));
  ({ build, release } = await kernelFixture());

  // The guest has the package's own files, a module to load at boot, and leftovers of other kernels.
  const files = join(work, "files");
  const { path } = await buildPackage({ outputDirectory: join(work, "package"), format: "deb" });
  execFileSync("dpkg-deb", ["-x", path, files]);
  write(join(files, "etc/modules-load.d/e2e.conf"), "nbd\n");
  write(join(files, "usr/lib/modules/0.0.2-installed/modules.dep"), "");
  mkdirSync(join(files, "usr/lib/modules/0.0.1-crashed"));
  base = await debianDisk({ files });

  tree = smallBuildTree({ build, release, work });
  tree.buildHello("1");
});

afterAll(() => rmSync(work, { recursive: true, force: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Starts the guest; its console is in the terminal. */
async function start({
  shares,
  cmdline = "",
}: {
  readonly shares: Readonly<Record<string, string>>;
  readonly cmdline?: string;
}): Promise<Terminal> {
  const directory = mkdtempSync(join(work, "boot-"));
  const disk = join(directory, "disk.qcow2");
  await createOverlay(base, disk);
  const qemu = [
    "qemu-system-x86_64",
    "-nodefaults",
    "-no-reboot",
    "-display",
    "none",
    "-M",
    "q35",
    "-m",
    "512M",
  ];
  const options = [
    "-accel",
    "tcg",
    "-cpu",
    "max",
    "-serial",
    "mon:stdio",
    "-drive",
    `file=${disk},if=virtio`,
  ];
  const append = `root=/dev/vda1 ro console=ttyS0 ${cmdline}`;
  const kernel = ["-kernel", join(build, "arch/x86/boot/bzImage"), "-append", append];
  const virtfs = Object.entries(shares).flatMap(([tag, path]) => [
    "-virtfs",
    `local,id=${tag},path=${path},security_model=none,readonly=on,mount_tag=${tag}`,
  ]);
  return openTerminal(`exec ${shellWords([...qemu, ...options, ...kernel, ...virtfs])}`);
}

const mounts = (guest: GuestShell): Promise<string> =>
  guest.read("findmnt -rno TARGET,FSTYPE | grep /lib/modules || true");
const journal = (guest: GuestShell): Promise<string> =>
  guest.read(`journalctl -b -o cat -u ${SERVICE} -t ${SERVICE}`);

/** The times are for people to compare: no test depends on how busy a machine is. */
async function timedPowerOff(guest: GuestShell, state: string): Promise<void> {
  const began = Date.now();
  expect(await guest.powerOff()).toBe(0);
  process.stderr.write(`${SERVICE}: power-off ${state}: ${Date.now() - began} ms\n`);
}

test("modules just load, a rebuilt one after a reload, and power-off does not wait for who uses them", async () => {
  const terminal = await start({ shares: { modules: tree.path, "modules-index": tree.makeIndex() } });
  try {
    const guest = await login(terminal);
    const lib = `/usr/lib/modules/${release}`;
    expect(await guest.read("systemctl is-system-running --wait")).toBe("running");
    expect(await mounts(guest)).toBe(`${lib} tmpfs\n${lib}/index 9p\n${lib}/build 9p`);
    expect(await guest.read("journalctl -b -o cat | grep -i 'ordering cycle' || true")).toBe("");
    expect(await journal(guest)).toContain(`modules of ${release} mounted, with the host's index`);
    expect(await guest.read(`systemd-analyze blame --no-pager | grep ${SERVICE}`)).toMatch(
      /\dm?s vm-modules/,
    );
    // Named in modules-load.d: loaded at this same boot.
    expect(await guest.read("cat /sys/module/nbd/initstate")).toBe("live");
    await guest.read("modprobe -a dummy null_blk loop");
    expect(await guest.read("modinfo -F filename dummy")).toBe(
      `/lib/modules/${release}/kernel/drivers/net/dummy.ko`,
    );
    expect(await guest.read("modprobe --show-depends null_blk")).toMatch(
      /^insmod \/lib\/modules\/\S+\/null_blk\.ko *$/,
    );
    expect(await guest.read("modprobe -R rtnl-link-dummy")).toBe("dummy");
    expect(await guest.read("cd /lib/modules; echo *")).toBe(`0.0.2-installed ${release}`);

    const loadHello = "modprobe hello && cat /sys/module/hello/parameters/build && rmmod hello";
    expect(await guest.read(loadHello)).toBe("1");
    tree.buildHello("second");
    tree.makeIndex();
    await guest.read(`systemctl reload ${SERVICE}`);
    expect(await guest.read("modinfo -F version hello")).toBe("second");
    expect(await guest.read(loadHello)).toBe("second");

    tree.setRelease("6.99.0");
    expect(await guest.run(`systemctl reload ${SERVICE}`)).toMatchObject({ status: 1 });
    expect(await journal(guest)).toContain(
      `the host's build is now 6.99.0, this kernel is ${release}: boot the new one`,
    );
    tree.setRelease(release);

    // The guest's own modules for this release: covered, unless the kernel command line says otherwise.
    await guest.read(
      `systemctl stop ${SERVICE}; ! [ -e ${lib} ]; mkdir ${lib}; echo own > ${lib}/modules.dep`,
    );
    expect(await mounts(guest)).toBe("");
    await guest.read(
      "sed 's/$/ vm.modules=guest/' /proc/cmdline > /run/cmdline; mount --bind /run/cmdline /proc/cmdline",
    );
    await guest.read(`systemctl start ${SERVICE}`);
    expect(await guest.read(`cat ${lib}/modules.dep`)).toBe("own");
    await guest.read(`umount /proc/cmdline; systemctl restart ${SERVICE}`);
    expect(await guest.read(`grep -c dummy ${lib}/modules.dep`)).toBe("1");

    // Like udev, this process is still there when the mounts go, and sits on them.
    await guest.read(`systemd-run -p DefaultDependencies=no -p WorkingDirectory=${lib}/build sleep infinity`);
    await timedPowerOff(guest, "with the host's modules in use");
    expect(terminal.output()).not.toMatch(/Failed unmounting|A stop job is running/);
  } finally {
    await terminal.close();
  }
});

test("an installed kernel's modules load from where they were installed, updates first", async () => {
  const root = installedRoot(join(work, "installed"), { build, release });
  const kernel = await resolveKernel(root, { cwd: work });
  const index = await ensureModulesIndex(kernel, { cacheDir: join(work, "cache") });
  if (index.state === "none" || kernel.tree === undefined) throw new Error("there is no index");
  const terminal = await start({ shares: { modules: kernel.tree, "modules-index": index.directory } });
  try {
    const guest = await login(terminal);
    expect(await guest.read("systemctl is-system-running --wait")).toBe("running");
    expect(await journal(guest)).toContain(`modules of ${release} mounted, with the host's index`);
    expect(await guest.read("cat /sys/module/nbd/initstate")).toBe("live");
    await guest.read("modprobe -a dummy null_blk");
    expect(await guest.read("modinfo -F filename dummy")).toBe(`/lib/modules/${release}/updates/dummy.ko`);
    expect(await guest.read("modinfo -F filename null_blk")).toBe(
      `/lib/modules/${release}/kernel/drivers/block/null_blk/null_blk.ko`,
    );
    expect(await guest.run(`systemctl reload ${SERVICE}`)).toMatchObject({ status: 0 });
    expect(await guest.powerOff()).toBe(0);
    expect(terminal.output()).not.toMatch(/Failed unmounting|A stop job is running/);
  } finally {
    await terminal.close();
  }
});

test("a build of another release is not mounted; console and journal say so, and the guest boots", async () => {
  const other = join(work, "other");
  write(join(other, "include/config/kernel.release"), "6.99.0\n");
  const terminal = await start({ shares: { modules: other } });
  try {
    const line = `the host's build is 6.99.0, this kernel is ${release}: its modules are not mounted`;
    await terminal.waitFor(line);
    const guest = await login(terminal);
    expect((await journal(guest)).split(line)).toHaveLength(2);
    expect(await guest.read("systemctl --failed --no-legend --plain")).toContain(`${SERVICE}.service`);
    expect(await mounts(guest)).toBe("");
    expect(await guest.read("cd /lib/modules; echo *")).toBe("0.0.2-installed");
    expect(await guest.powerOff()).toBe(0);
  } finally {
    await terminal.close();
  }
});

/** sulogin throws away what is typed before it has turned the echo off, and nothing tells when that is. */
async function logInForMaintenance(terminal: Terminal): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    terminal.write(`${ROOT_PASSWORD}\r`);
    const prompt = await terminal.waitFor(":~# ", { timeoutMs: 20_000 }).catch(() => null);
    if (prompt !== null) return;
  }
  throw new Error(`no shell in emergency mode:\n${terminal.output()}`);
}

test("in emergency mode, on a read-only root and without an index, the modules load too", async () => {
  const terminal = await start({ shares: { modules: tree.path }, cmdline: "emergency" });
  try {
    await terminal.waitFor(/press Control-D to continue\): /);
    await logInForMaintenance(terminal);
    const commands = [
      "findmnt -no OPTIONS / | cut -c1-2",
      "modprobe -a dummy hello",
      "cat /sys/module/hello/initstate",
    ];
    const listing = [
      "ls /lib/modules",
      "ls /lib/modules/0.0.2-installed",
      `cat /lib/modules/${release}/modules.order`,
      "journalctl -b -o cat --no-pager -t vm-modules-mounter",
    ];
    terminal.write(`${[...commands, ...listing, "echo end''mark"].join("; ")}\r`);
    const [text] = await terminal.waitFor(/[^]*endmark/);
    const plain = text.replaceAll("\r", "");
    expect(plain).toMatch(/\nro\n[^]*\nlive\n/);
    expect(plain).toContain("indexed by depmod here");
    expect(plain).toContain("\nmodules.dep\n");
    expect(plain).toContain(`\nkernel/${HELLO_PATH}\n`);
    terminal.write("systemctl poweroff\r");
    expect(await terminal.ended).toBe(0);
  } finally {
    await terminal.close();
  }
});

test("without the tag there is no unit, and the generator starts no program", async () => {
  const terminal = await start({ shares: {} });
  try {
    const guest = await login(terminal);
    expect(await guest.read("find /run/systemd/generator* -name '*vm-modules*'")).toBe("");
    expect(await guest.run(`systemctl cat ${SERVICE}`)).toMatchObject({ status: 1 });
    const generator = "/usr/lib/systemd/system-generators/vm-modules-mounter";
    // Fork and exec of sh included, that is what systemd pays; and an empty script, to compare.
    await guest.read("printf '#!/bin/sh\n' > /tmp/empty; chmod 755 /tmp/empty");
    const microseconds = async (program: string): Promise<string> => {
      const loop = `i=0; while [ $i -lt 20 ]; do PATH=/nonexistent ${program} /tmp || exit 1; i=$((i+1)); done`;
      return guest.read(`s=$(date +%s%N); (${loop}) && e=$(date +%s%N) && echo $(((e-s)/20000))`);
    };
    const [own, empty] = [await microseconds(generator), await microseconds("/tmp/empty")];
    process.stderr.write(
      `${SERVICE}: without the tag the generator takes ${own} µs, an empty script ${empty} µs\n`,
    );
    await timedPowerOff(guest, "without the host's modules");
  } finally {
    await terminal.close();
  }
});
