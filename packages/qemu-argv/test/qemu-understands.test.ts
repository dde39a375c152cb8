import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as qemu from "../src/index.js";
import type { QemuOption } from "../src/index.js";
import { text } from "./options.arbitrary.js";
import { type Ask, withQemu } from "./qmp.js";

const awkwardNames = [
  "plain.img",
  "with space.img",
  "a,b.img",
  "a,,b,",
  ",",
  "k=v,if=virtio",
  "x:y.img",
  `"double" and 'single'`,
  "back\\slash,",
  "naïve à 日本 😀",
  "tab\tnew\nline",
  "$(id) %n {json} ;#",
  "-dash",
];

let directory: string;
const machine: QemuOption[] = [qemu.machine("q35"), qemu.accelerator("tcg"), qemu.memory(64)];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "qemu-argv-"));
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** A directory with an empty file of each awkward name. */
function makeFiles(name: string): string {
  const path = join(directory, name);
  mkdirSync(path);
  for (const file of awkwardNames) writeFileSync(join(path, file), "");
  return path;
}

/** The options as they come back from a command line: what QEMU is asked about has been through both. */
function throughArgv(options: readonly QemuOption[]): QemuOption[] {
  return qemu.parseArgv(qemu.renderArgv(options));
}

describe("QEMU understands awkward names as they are meant", () => {
  test("the files of -drive, absolute and relative, and of -blockdev", async () => {
    const files = makeFiles("disks");
    const options = awkwardNames.flatMap((name, index) => [
      qemu.drive({
        id: `absolute${index}`,
        file: join(files, name),
        format: "raw",
        interface: "none",
        access: "read-only",
      }),
      qemu.drive({
        id: `relative${index}`,
        file: name,
        format: "raw",
        interface: "none",
        access: "read-only",
      }),
      qemu.fileBlockdev({
        nodeName: `node${index}`,
        path: join(files, name),
        format: "raw",
        access: "read-only",
      }),
    ]);
    await withQemu([...machine, ...throughArgv(options)], files, async (ask, pid) => {
      const disks = awkwardNames.map((name, index) =>
        expect.objectContaining({
          device: `absolute${index}`,
          inserted: expect.objectContaining({ file: join(files, name) }),
        }),
      );
      expect(await ask("query-block")).toStrictEqual(expect.arrayContaining(disks));
      const nodes = awkwardNames.map((name, index) =>
        expect.objectContaining({ "node-name": `node${index}`, file: join(files, name) }),
      );
      expect(await ask("query-named-block-nodes")).toStrictEqual(expect.arrayContaining(nodes));
      // The kernel says which files are really open: each three times, by the absolute path.
      const open = openFiles(pid).filter((path) => path.startsWith(files));
      for (const name of awkwardNames) {
        expect(open.filter((path) => path === join(files, name))).toHaveLength(3);
      }
    });
  });

  test("the directories of -virtfs, and their mount tags", async () => {
    const files = join(directory, "shares");
    for (const name of awkwardNames) mkdirSync(join(files, name), { recursive: true });
    const options = awkwardNames.map((name, index) =>
      qemu.virtfsShare({
        id: `share${index}`,
        path: join(files, name),
        mountTag: name.slice(0, 15),
        access: index % 2 === 0 ? "read-only" : "read-write",
        multidevs: "remap",
      }),
    );
    await withQemu([...machine, ...throughArgv(options)], directory, async (ask, pid) => {
      expect(openFiles(pid)).toStrictEqual(
        expect.arrayContaining(awkwardNames.map((name) => join(files, name))),
      );
      const tree = await showDevices(ask);
      for (const name of awkwardNames) expect(tree).toContain(`mount_tag = "${name.slice(0, 15)}"`);
    });
  });

  test("a kernel, an initial ram disk and a command line with commas and quotes", async () => {
    const files = makeFiles("kernels");
    const image = Buffer.alloc(16_384);
    image.writeUInt8(1, 0x1f1);
    image.write("HdrS", 0x202, "latin1");
    image.writeUInt16LE(0x20c, 0x206);
    image.writeUInt8(1, 0x211);
    image.writeUInt32LE(0x7fff_ffff, 0x22c);
    const kernel = join(files, "bz,,Image=k, v");
    writeFileSync(kernel, image);
    const initrd = join(files, "init,rd=à.img");
    writeFileSync(initrd, "initrd");
    const cmdline = qemu.renderKernelCmdline(["console=ttyS0,115200", "dyndbg=module e1000 +p", "x=à,,"]);
    const options = [qemu.kernel(kernel), qemu.initrd(initrd), qemu.append(cmdline)];
    await withQemu([...machine, ...throughArgv(options)], directory, async (ask) => {
      const property = (name: string): Promise<unknown> =>
        ask("qom-get", { path: "/machine", property: name });
      expect(await property("kernel")).toBe(kernel);
      expect(await property("initrd")).toBe(initrd);
      expect(await property("append")).toBe('console=ttyS0,115200 dyndbg="module e1000 +p" x="à,,"');
      expect(qemu.requestedBoot(options)).toStrictEqual({ kernel, initrd, append: cmdline });
    });
  });

  test("machine, CPUs, memory, ports, names and forwards are those of the constructors", async () => {
    const options = [
      qemu.machine("q35", [["hpet", "off"]]),
      qemu.accelerator("tcg", [["thread", "single"]]),
      qemu.cpu("max", [["pmu", "off"]]),
      qemu.smp(2, [["cores", "2"]]),
      qemu.memory("0.25G"),
      qemu.display("none"),
      qemu.switchOption("no-reboot"),
      { flag: "name", head: "a,b=c d", props: [] },
      qemu.object("secret", [
        ["id", "secret0"],
        ["data", "p,q=r,,"],
      ]),
      qemu.netdevUser({
        id: "net0",
        hostForwards: [
          { hostPort: 0, guestPort: 22 },
          {
            protocol: "udp",
            hostAddress: "127.0.0.2",
            hostPort: 0,
            guestAddress: "10.0.2.20",
            guestPort: 53,
          },
        ],
      }),
      qemu.device("virtio-net-pci", [["netdev", "net0"]]),
      qemu.chardev({ backend: "file", id: "out", path: "out,put=1.log", append: "on" }),
      qemu.chardev({ backend: "socket", id: "control", path: "con,trol=1", role: "server" }),
      qemu.chardev({ backend: "null", id: "nowhere" }),
      qemu.serial({ chardev: "nowhere" }),
      qemu.monitor({ chardev: "control", mode: "control" }),
      qemu.virtioSerialBus("ports"),
      qemu.virtioSerialPort({ chardev: "out", name: "org.example,status=1", bus: "ports", number: 3 }),
    ] satisfies QemuOption[];
    await withQemu(throughArgv(options), directory, async (ask) => {
      const property = (path: string, name: string): Promise<unknown> =>
        ask("qom-get", { path, property: name });
      expect(await property("/machine", "type")).toMatch(/q35/);
      expect(await property("/machine", "hpet")).toBe(false);
      expect(await ask("query-cpus-fast")).toHaveLength(2);
      expect(await property("/machine/unattached/device[0]", "type")).toBe("max-x86_64-cpu");
      expect(await ask("query-memory-size-summary")).toMatchObject({ "base-memory": 256 * 1024 ** 2 });
      expect(await ask("query-name")).toStrictEqual({ name: "a,b=c d" });
      expect(await property("/objects/secret0", "data")).toBe("p,q=r,,");
      expect(await ask("query-chardev")).toStrictEqual(
        expect.arrayContaining([
          expect.objectContaining({ label: "control", filename: "disconnected:unix:con,trol=1,server=on" }),
        ]),
      );
      expect(readdirSync(directory)).toStrictEqual(expect.arrayContaining(["out,put=1.log", "con,trol=1"]));
      const forwards = await ask("human-monitor-command", { "command-line": "info usernet" });
      expect(forwards).toMatch(/TCP\[HOST_FORWARD\] +\d+ +127\.0\.0\.1 +\d+ +10\.0\.2\.15 +22 /);
      expect(forwards).toMatch(/UDP\[HOST_FORWARD\] +\d+ +127\.0\.0\.2 +\d+ +10\.0\.2\.20 +53 /);
      expect(await showDevices(ask)).toMatch(
        /chardev = "out"\n +nr = 3 .*\n +name = "org\.example,status=1"/,
      );
    });
  });

  test("any name at all for a socket: the file that appears bears it", async () => {
    const names = fc
      .sample(text, 300)
      .filter((name) => !name.includes("/") && Buffer.byteLength(name) < 100)
      .map((name, index) => `${name}${index}`);
    expect(names.length).toBeGreaterThan(100);
    const sockets = join(directory, "sockets");
    mkdirSync(sockets);
    const options = names.map((path, index) =>
      qemu.chardev({ backend: "socket", id: `c${index}`, path, role: "server" }),
    );
    await withQemu([...machine, ...throughArgv(options)], sockets, () => {
      expect(readdirSync(sockets).toSorted()).toStrictEqual(names.toSorted());
      return Promise.resolve();
    });
  });
});

/** The tree of devices with their properties; the monitor ends its lines with CR LF. */
async function showDevices(ask: Ask): Promise<string> {
  return String(await ask("human-monitor-command", { "command-line": "info qtree" })).replaceAll(
    "\r\n",
    "\n",
  );
}

function openFiles(pid: number): string[] {
  const descriptors = `/proc/${pid}/fd`;
  return readdirSync(descriptors).map((descriptor) => readlinkSync(join(descriptors, descriptor)));
}
