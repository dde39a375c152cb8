import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { guestFile } from "@vm/modules-mounter";
import { type MadeUpGuest, RELEASE, madeUpGuest, temporaryDirectory, write } from "./made-up-guest.js";

const SHELLS = ["dash", "bash --posix", "busybox sh"];

function generate(
  { root, generator }: MadeUpGuest,
  {
    shell = "sh",
    path = process.env["PATH"],
  }: { readonly shell?: string; readonly path?: string | undefined } = {},
): { readonly output: string; readonly files: string[]; readonly stderr: string } {
  const output = temporaryDirectory();
  const [program = "sh", ...options] = shell.split(" ");
  const executable = execFileSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).trim();
  const { status, stderr } = spawnSync(executable, [...options, generator, output, output, output], {
    encoding: "utf8",
    env: { VM_MODULES_ROOT: root, PATH: path },
  });
  expect(status).toBe(0);
  const files = readdirSync(output, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(output.length + 1))
    .toSorted();
  return { output, files, stderr };
}

const UNITS = [
  "emergency.target.d/50-vm-modules-mounter.conf",
  "modprobe@.service.d/50-vm-modules-mounter.conf",
  "sysinit.target.d/50-vm-modules-mounter.conf",
  "usr-lib-modules-.mount.d/50-vm-modules-mounter.conf",
  "usr-lib-modules.mount.d/50-vm-modules-mounter.conf",
  "vm-modules-mounter.service",
];

describe.each(SHELLS)("run by %s", (shell) => {
  test.each(["modules\0", "modules"])("the tag %j makes it write its units", (tag) => {
    const guest = madeUpGuest({ tags: ["root\0", tag, "modules-index\0"] });
    const { files, stderr } = generate(guest, { shell });
    expect(files).toEqual(UNITS);
    expect(stderr).toBe("");
  });

  test.each([
    ["no 9p device", []],
    ["only other tags", ["root\0", "modules-index\0", "modules2\0"]],
  ])("with %s it starts no program and writes nothing", (_, tags) => {
    const { files, stderr } = generate(madeUpGuest({ tags }), { shell, path: "/nonexistent" });
    expect(files).toEqual([]);
    expect(stderr).toBe("");
  });
});

test.each([
  ["virtiofs", ["root", "modules"], UNITS],
  ["virtiofs", ["root", "modules2"], []],
  ["virtiofs", [], []],
  ["old-virtiofs", ["modules"], UNITS],
  // Only a mount can tell.
  ["old-virtiofs", ["root"], UNITS],
] as const)("over %s, with the tags %j", (way, tags, units) => {
  const guest = madeUpGuest({ way, tags });
  expect(generate(guest, { path: units.length === 0 ? "/nonexistent" : process.env["PATH"] }).files).toEqual(
    units,
  );
});

test("a share over 9p counts beside a virtiofs that has nothing to do with it", () => {
  const guest = madeUpGuest();
  write(join(guest.root, "sys/bus/virtio/devices/virtio9/device"), "0x001a\n");
  expect(generate(guest).files).toEqual(UNITS);
});

test("without a driver for virtiofs and without modules, the kernel's log says so in one line", () => {
  const guest = madeUpGuest({ way: "virtiofs", driver: "absent" });
  write(join(guest.root, "dev/kmsg"), "");
  expect(generate(guest).files).toEqual([]);
  const log = readFileSync(join(guest.root, "dev/kmsg"), "utf8");
  expect(log).toMatch(/^<4>vm-modules-mounter: a virtiofs device .*CONFIG_VIRTIO_FS.*\n$/);
  write(join(guest.root, "lib/modules", RELEASE, "modules.dep"), "");
  expect(generate(guest).files).toEqual(UNITS);
});

test("a guest that cannot be looked at is one without the tag", () => {
  const guest = madeUpGuest();
  expect(generate({ ...guest, root: join(guest.root, "missing") })).toMatchObject({ files: [], stderr: "" });
});

test.each([
  ["off", []],
  ["guest", UNITS],
  ["host", UNITS],
])("vm.modules=%s on the kernel command line", (choice, units) => {
  const cmdline = `vm.modules=host * quiet vm.modules=${choice}`;
  expect(generate(madeUpGuest({ cmdline })).files).toEqual(units);
});

test("an initramfs is left alone", () => {
  const guest = madeUpGuest();
  write(join(guest.root, "etc/initrd-release"), "");
  expect(generate(guest).files).toEqual([]);
});

test("without a 9p driver, the units are written when the guest itself has the driver as a module", () => {
  const guest = madeUpGuest({ driver: "absent" });
  write(join(guest.root, "lib/modules", RELEASE, "modules.dep"), "");
  expect(generate(guest).files).toEqual(UNITS);
});

test("without a 9p driver and without modules, the kernel's log says so in one line", () => {
  const guest = madeUpGuest({ driver: "absent" });
  write(join(guest.root, "dev/kmsg"), "");
  expect(generate(guest).files).toEqual([]);
  const log = readFileSync(join(guest.root, "dev/kmsg"), "utf8");
  expect(log).toMatch(/^<4>vm-modules-mounter: .*CONFIG_NET_9P_VIRTIO.*\n$/);
});

test("with a split /usr the mounts are named after /lib", () => {
  const { files } = generate(madeUpGuest({ usr: "split" }));
  expect(files).toEqual(UNITS.map((path) => path.replace("usr-lib-", "lib-")).toSorted());
});

test("systemd finds no fault with the unit", () => {
  const guest = madeUpGuest();
  const { output } = generate(guest);
  const { stderr, status } = spawnSync(
    "systemd-analyze",
    ["verify", "--man=no", "--generators=no", join(output, "vm-modules-mounter.service")],
    { encoding: "utf8" },
  );
  expect(stderr.split("\n").filter((line) => line.includes("vm-modules"))).toEqual([]);
  expect(status).toBe(0);
  const unit = readFileSync(join(output, "vm-modules-mounter.service"), "utf8");
  expect(unit).toContain(`ExecStart=${guest.mountScript} start\n`);
});

test("it may run again over its own output", () => {
  const guest = madeUpGuest();
  const { output } = generate(guest);
  const before = readFileSync(join(output, "vm-modules-mounter.service"), "utf8");
  execFileSync(guest.generator, [output], {
    env: { VM_MODULES_ROOT: guest.root, PATH: process.env["PATH"] },
  });
  expect(readFileSync(join(output, "vm-modules-mounter.service"), "utf8")).toBe(before);
});

test("an output directory that cannot be written ends in failure", () => {
  const { root, generator } = madeUpGuest();
  mkdirSync(join(root, "out"));
  const { status } = spawnSync("sh", [generator, "/proc/nothing"], {
    env: { VM_MODULES_ROOT: root, PATH: process.env["PATH"] },
  });
  expect(status).toBe(1);
});

test.each(["vm-modules-mounter", "vm-modules-mount", "vm-modules-mounter-install.sh"])(
  "shellcheck finds no fault with %s",
  (name) => {
    const { stdout, status } = spawnSync("shellcheck", [guestFile(name)], { encoding: "utf8" });
    expect(stdout).toBe("");
    expect(status).toBe(0);
  },
);
