import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createVm, lockVm, summarizeHome, vmNames, type VmSummary } from "../../src/index.js";
import { bundlePackage, scratchDirectory, treeOf } from "../scratch.js";

function byName(home: string): Record<string, VmSummary> {
  return Object.fromEntries(summarizeHome(home).vms.map((vm) => [vm.name, vm]));
}

function homeOf(configs: Readonly<Record<string, string>>): string {
  const home = scratchDirectory();
  for (const [name, text] of Object.entries(configs)) {
    mkdirSync(join(home, name));
    writeFileSync(join(home, name, "vm.mjs"), text);
  }
  return home;
}

const literals = (options: string): string =>
  `export const qemuOptions = [${options}];\nexport const kernelCmdline = [];\n`;

test("a VM that was made is seen with its machine and its disk, and nothing is changed by looking", async () => {
  const home = join(scratchDirectory(), "home");
  await createVm({ home, name: "A", cpus: "3", memory: "1.5G", size: "3G", arch: "aarch64" });
  const before = treeOf(home);
  const { usedBytes = 0 } = byName(home)["A"]?.disks[0]?.image ?? {};
  expect(summarizeHome(home)).toEqual({
    vms: [
      {
        name: "A",
        directory: join(home, "A"),
        lock: { state: "stopped" },
        config: { kind: "literals", arch: "aarch64", cpus: 3, memoryMiB: 1536 },
        disks: [
          {
            name: "root.qcow2",
            path: join(home, "A/root.qcow2"),
            image: { format: "qcow2", sizeBytes: 3 * 1024 ** 3, usedBytes },
          },
        ],
      },
    ],
    others: [],
  });
  expect(usedBytes).toBeGreaterThan(0);
  expect(treeOf(home)).toEqual(before);
});

test("a directory of something else is named and is no VM; a configuration that computes is not run", () => {
  const marker = join(scratchDirectory(), "was run");
  const home = homeOf({
    broken: "export const qemuOptions = [",
    computes: `import fs from "node:fs"; fs.writeFileSync(${JSON.stringify(marker)}, "");\n${literals("")}`,
    wrong: literals('["-m"]'),
  });
  mkdirSync(join(home, "iso"));
  mkdirSync(join(home, "fifo"));
  execFileSync("mkfifo", [join(home, "fifo/vm.mjs")]);
  symlinkSync("nowhere", join(home, "dangling"));
  const { vms, others } = summarizeHome(home);
  expect(others).toEqual(["dangling", "iso"]);
  expect(vms.map(({ name, config }) => [name, config])).toEqual([
    ["broken", { kind: "program" }],
    ["computes", { kind: "program" }],
    ["fifo", { kind: "invalid" }],
    ["wrong", { kind: "invalid" }],
  ]);
  expect(vmNames(home)).toEqual(["broken", "computes", "fifo", "wrong"]);
  expect(() => readFileSync(marker)).toThrow("ENOENT");
});

test("what options say is understood in every form of them, the last one where it counts once", () => {
  const home = homeOf({
    // The name in the comment above is all that differs from the next.
    a: `// a: made\n${literals('["-m", "1G"], ["-m", "2G"], ["-smp", "cpus=4,sockets=2"]')}`,
    b: `// b: made\n${literals('["-m", "1G"], ["-m", "2G"], ["-smp", "cpus=4,sockets=2"]')}`,
    c: `/* c\n// */ ${literals('{ flag: "m", value: "512" }, ["-nic", "user,hostfwd=tcp:127.0.0.1:2222-:22"]')}`,
    d: literals(
      '["-drive", "file=a,,b.img,format=raw", "-hda", "/none/c.img"], ["-cdrom", "x.iso"], ["-kernel", "/boot/k"], ' +
        '{ flag: "blockdev", json: { driver: "qcow2", file: { driver: "file", filename: "d.qcow2" } } }, ' +
        '["-drive", "if=pflash,file=f.fd"], ["-drive", "file=nbd:unix:/s"], { image: "file:e:f.img" }',
    ),
  });
  writeFileSync(join(home, "d/a,b.img"), "x".repeat(512));
  const vms = byName(home);
  expect(vms["a"]?.config).toEqual({ kind: "literals", cpus: 4, memoryMiB: 2048 });
  expect(vms["b"]?.config).toEqual(vms["a"]?.config);
  expect(vms["c"]?.config).toEqual({ kind: "literals", memoryMiB: 512, sshPort: 2222 });
  expect(vms["d"]?.config).toEqual({ kind: "literals", kernel: "/boot/k" });
  expect(vms["d"]?.disks.map(({ name, image }) => [name, image?.sizeBytes])).toEqual([
    ["a,b.img", 512],
    ["/none/c.img", undefined],
    ["d.qcow2", undefined],
    ["e:f.img", undefined],
  ]);
});

test("a backing file is told, from where the image stands", async () => {
  const home = join(scratchDirectory(), "home");
  await createVm({ home, name: "A", size: "1M" });
  mkdirSync(join(home, "B"));
  const overlay = join(home, "B/root.qcow2");
  execFileSync("qemu-img", [
    "create",
    "-q",
    "-f",
    "qcow2",
    "-F",
    "qcow2",
    "-b",
    "../A/root.qcow2",
    overlay,
    "2M",
  ]);
  writeFileSync(join(home, "B/vm.mjs"), literals('["-drive", "file=root.qcow2"]'));
  expect(byName(home)["B"]?.disks[0]?.image).toMatchObject({
    sizeBytes: 2 << 20,
    backingFile: join(home, "A/root.qcow2"),
  });
});

test("who runs a VM is told by the lock: a run that is over, was killed, or left its QEMU behind", async () => {
  const home = homeOf({ ended: literals(""), killed: literals(""), left: literals(""), runs: literals("") });
  const hold = async (name: string, last: string): Promise<{ kill(): Promise<void> }> => {
    const program = `const lock = require(process.argv[1]).lockVm(process.argv[2], { command: ["vm"], kernel: "6.1" }); ${last}`;
    const child = spawn(process.execPath, ["-e", program, bundlePackage(), join(home, name)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout, "data");
    return {
      async kill() {
        const gone = once(child, "exit");
        child.kill("SIGKILL");
        await gone;
      },
    };
  };
  const stay = `console.log("locked"); process.stdin.resume()`;
  await hold("runs", stay);
  await (await hold("killed", stay)).kill();
  const left = await hold(
    "left",
    `const { pid } = require("node:child_process").spawn("sleep", ["600"], { stdio: ["ignore", "ignore", "ignore", lock.fd] });
     require("node:fs").writeFileSync(process.argv[2] + "/qemu", String(pid)); ${stay}`,
  );
  await left.kill();
  const qemu = Number(readFileSync(join(home, "left/qemu"), "utf8"));
  onTestFinished(() => void process.kill(qemu, "SIGKILL"));
  lockVm(join(home, "ended"), { command: ["vm"] }).release();
  const states = (): unknown =>
    Object.fromEntries(summarizeHome(home).vms.map(({ name, lock }) => [name, lock.state]));
  expect(states()).toEqual({ ended: "stopped", killed: "stopped", left: "running", runs: "running" });
  expect(byName(home)["runs"]?.lock).toMatchObject({
    kernel: "6.1",
    command: ["vm"],
    pid: expect.any(Number),
  });

  // A record from before this machine was started, as a power failure leaves it.
  const lock = join(home, "killed/.lock");
  writeFileSync(lock, readFileSync(lock, "utf8").replace(/"boot":"\w+"/, '"boot":"00000000"'));
  utimesSync(lock, 0, 0);
  expect(states()).toMatchObject({ killed: "stopped" });
});
