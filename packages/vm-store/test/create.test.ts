import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { toScript } from "@vm/command-plan";
import { renderArgv } from "@vm/qemu-argv";
import { expect, onTestFinished, test } from "vitest";
import type { NewVm } from "../src/index.js";
import { createVm, listVms, loadConfig, planCreate } from "../src/index.js";
import { bundlePackage, rejection, scratchDirectory, treeOf } from "./scratch.js";

const bundle = bundlePackage();

interface Result {
  readonly exitCode: number | null;
  /** The error's code; `CREATED` where there was none. */
  readonly code?: string;
  readonly signal: string | null;
}

/** Creates a VM in a process of its own. `qemuImg` is the text of a script that stands in for qemu-img. */
function createElsewhere(vm: NewVm, qemuImg?: string): Promise<Result> {
  let PATH = process.env["PATH"] ?? "";
  if (qemuImg !== undefined) {
    const bin = scratchDirectory();
    writeFileSync(join(bin, "qemu-img"), qemuImg);
    chmodSync(join(bin, "qemu-img"), 0o755);
    PATH = `${bin}:${PATH}`;
  }
  const program = `require(process.argv[1]).createVm(JSON.parse(process.argv[2]))
    .then(() => "CREATED", (error) => { process.exitCode = error.exitCode ?? 1; return error.code; }).then(console.log)`;
  const child = spawn(process.execPath, ["-e", program, bundle, JSON.stringify(vm)], {
    env: { ...process.env, PATH },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (data: Buffer) => (output += data.toString()));
  return new Promise((resolve) => {
    child.on("close", (exitCode, signal) => {
      resolve({ exitCode, signal, ...(output === "" ? {} : { code: output.trim() }) });
    });
  });
}

const realQemuImg = execFileSync("sh", ["-c", "command -v qemu-img"], { encoding: "utf8" }).trim();

function virtualSize(image: string): number {
  const output = execFileSync("qemu-img", ["info", "--output=json", image], { encoding: "utf8" });
  const information: { readonly "virtual-size": number } = JSON.parse(output);
  return information["virtual-size"];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : 1;
}

/** A small file system of its own, mounted with these options. */
function mountTmpfs(options: string): string {
  const directory = scratchDirectory();
  execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", directory]);
  onTestFinished(() => {
    execFileSync("umount", [directory]);
  });
  return directory;
}

test("a new VM has a root disk of the size asked for and a config that says what was asked for", async () => {
  const home = join(scratchDirectory(), "linux/vm");
  await createVm({ home, name: "TestVM", cpus: "3", memory: "1536M", size: "1.5G" });
  expect(readdirSync(home)).toEqual(["TestVM"]);
  expect(readdirSync(join(home, "TestVM"))).toEqual(["root.qcow2", "vm.mjs"]);
  expect(virtualSize(join(home, "TestVM/root.qcow2"))).toBe(1.5 * 1024 ** 3);
  const { qemuOptions, kernelCmdline } = await loadConfig({ home, name: "TestVM" });
  expect(renderArgv(qemuOptions).slice(0, 4)).toEqual(["-smp", "3", "-m", "1536M"]);
  expect(kernelCmdline).toEqual(["root=/dev/vda1", "rw", "console=ttyS0,115200"]);
});

test("QEMU takes the config of a new VM, and its monitor is behind Ctrl-A C", async () => {
  const home = scratchDirectory();
  await createVm({ home, name: "TestVM" });
  const { qemuOptions, directory } = await loadConfig({ home, name: "TestVM" });
  const { status, stderr } = spawnSync(
    "qemu-system-x86_64",
    [...renderArgv(qemuOptions), "-accel", "tcg", "-S"],
    {
      cwd: directory,
      input: "\u0001cquit\n",
      encoding: "utf8",
    },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test.each(["i386", "aarch64", "arm"])("QEMU for %s takes the config of a new VM for it", async (arch) => {
  const home = scratchDirectory();
  await createVm({ home, name: "Other", arch });
  const { qemuOptions, kernelCmdline, directory, ...config } = await loadConfig({ home, name: "Other" });
  expect(config.arch).toBe(arch);
  expect(kernelCmdline.at(-1)).toBe(arch === "i386" ? "console=ttyS0,115200" : "console=ttyAMA0");
  const argv = [...renderArgv(qemuOptions), "-accel", "tcg", "-cpu", "max", "-S"];
  const { status, stderr } = spawnSync(`qemu-system-${arch}`, argv, {
    cwd: directory,
    input: "\u0001cquit\n",
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test("a config for s390x has its devices on channels, its watchdog and its console", async () => {
  const home = scratchDirectory();
  await createVm({ home, name: "Z", arch: "s390x", size: "1M" });
  const { qemuOptions, kernelCmdline, arch } = await loadConfig({ home, name: "Z" });
  expect(arch).toBe("s390x");
  expect(kernelCmdline).toEqual(["root=/dev/vda1", "rw", "console=ttysclp0"]);
  expect(renderArgv(qemuOptions).filter((word) => /ccw|diag|pci/.test(word))).toEqual([
    "s390-ccw-virtio",
    "user,model=virtio-net-ccw",
    "virtio-rng-ccw",
    "diag288",
  ]);
});

test.each(["a b", "a,b", `it's "q"`, "ünïcödé", "a:b=c", "$HOME `id`", "%s\\n", "日本".repeat(21)])(
  "a VM can have the name %j",
  async (name) => {
    const home = scratchDirectory();
    await createVm({ home, name });
    expect(listVms(home)).toEqual([name]);
    expect(virtualSize(join(home, name, "root.qcow2"))).toBe(16 * 1024 ** 3);
    expect((await loadConfig({ home, name })).name).toBe(name);
  },
);

test.each(["", "a/b", "-x", ".x", "a\nb"])("nothing is created for the name %j", async (name) => {
  const home = join(scratchDirectory(), "home");
  expect(await rejection(createVm({ home, name }))).toMatchObject({ code: "VM_NAME_INVALID" });
  expect(existsSync(home)).toBe(false);
});

test.each([
  [{ cpus: "0" }, "CPUS_INVALID", "-c 0: expected a number of CPUs"],
  [{ cpus: "two" }, "CPUS_INVALID", "-c two: expected a number of CPUs"],
  [{ memory: "2GB" }, "MEMORY_INVALID", "-m 2GB: expected an amount of memory"],
  [{ memory: "2" }, "MEMORY_INVALID", "-m 2: 2 MiB is too little for any kernel"],
  [{ memory: "0" }, "MEMORY_INVALID", "-m 0: 0 MiB is too little for any kernel"],
  [{ size: "-1G" }, "SIZE_INVALID", "-s -1G: expected the size of a disk"],
  [{ size: "16" }, "SIZE_INVALID", "-s 16: 16 bytes is too small for a disk"],
])("%j is refused before anything is done: %s", async (values, code, message) => {
  const home = join(scratchDirectory(), "home");
  const error = await rejection(createVm({ home, name: "x", ...values }));
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  expect(existsSync(home)).toBe(false);
});

test.each([
  [{ size: "16" }, "16G"],
  [{ size: "20 GiB" }, "20G"],
  [{ memory: "512MB" }, "512M"],
  [{ memory: "lots" }, "2G"],
])("%j is answered with the way to write it: %s", (values, right) => {
  expect(() => planCreate({ home: "/h", name: "x", ...values })).toThrow(
    expect.objectContaining({ hint: `Write it as QEMU does: ${right}.` }),
  );
});

test("a size that only qemu-img refuses leaves nothing behind, not even the home", async () => {
  const above = scratchDirectory();
  expect(
    await createElsewhere(
      { home: join(above, "a/b"), name: "x", size: "7E" },
      `#!/bin/sh\nexec ${realQemuImg} "$@" 2> /dev/null`,
    ),
  ).toMatchObject({
    code: "DISK_NOT_CREATED",
  });
  expect(readdirSync(above)).toEqual([]);
});

test("without qemu-img the error says what to install", async () => {
  const home = join(scratchDirectory(), "home");
  const { PATH } = process.env;
  onTestFinished(() => void (process.env["PATH"] = PATH));
  process.env["PATH"] = scratchDirectory();
  expect(await rejection(createVm({ home, name: "x" }))).toMatchObject({ code: "QEMU_IMG_NOT_FOUND" });
  expect(existsSync(home)).toBe(false);
});

test("whatever already has the name stays as it is", async () => {
  const home = scratchDirectory();
  await createVm({ home, name: "vm", cpus: "7" });
  mkdirSync(join(home, "empty"));
  writeFileSync(join(home, "file"), "mine");
  symlinkSync("nowhere", join(home, "dangling"));
  const before = treeOf(home);
  for (const name of ["vm", "empty", "file", "dangling"]) {
    expect(await rejection(createVm({ home, name }))).toMatchObject({ code: "VM_EXISTS" });
  }
  expect(treeOf(home)).toEqual(before);
  expect(lstatSync(join(home, "dangling")).isSymbolicLink()).toBe(true);
});

test("of several creations at once one wins and the others say so", async () => {
  const home = join(scratchDirectory(), "home");
  const slow = `#!/bin/sh\nsleep 0.2\nexec ${realQemuImg} "$@"`;
  const results = await Promise.all(
    [1, 2, 3, 4].map((cpus) => createElsewhere({ home, name: "vm", cpus: String(cpus) }, slow)),
  );
  expect(results.map(({ code = "" }) => code).toSorted(compare)).toEqual([
    "CREATED",
    "VM_EXISTS",
    "VM_EXISTS",
    "VM_EXISTS",
  ]);
  expect(readdirSync(home)).toEqual(["vm"]);
  const winner = results.findIndex(({ code }) => code === "CREATED");
  const { qemuOptions } = await loadConfig({ home, name: "vm" });
  expect(renderArgv(qemuOptions)[1]).toBe(String(winner + 1));
});

test.each([
  ["before the disk is made", "#!/bin/sh\nkill -9 $PPID"],
  ["after the disk is made", `#!/bin/sh\n${realQemuImg} "$@"; kill -9 $PPID`],
])("what a creation leaves that is killed %s is cleared away by the next one", async (_when, qemuImg) => {
  const home = scratchDirectory();
  expect(await createElsewhere({ home, name: "vm" }, qemuImg)).toMatchObject({ signal: "SIGKILL" });
  expect(readdirSync(home)).toEqual([expect.stringMatching(/^\.vm\.new-\d+-\d+-[0-9a-f]{8}-\d+$/)]);
  expect(listVms(home)).toEqual([]);
  await createVm({ home, name: "other" });
  expect(readdirSync(home)).toEqual(["other"]);
});

test("what a living creation, or anybody else, has in the home is not cleared away", async () => {
  const home = scratchDirectory();
  mkdirSync(join(home, ".git"));
  mkdirSync(join(home, ".old.new-1-1-00000000-1"));
  writeFileSync(join(home, ".old.new-1-1-00000000-1/notes"), "mine");
  mkdirSync(join(home, ".another.new"));
  const before = readdirSync(home);
  const gate = join(scratchDirectory(), "gate");
  const slow = createElsewhere(
    { home, name: "slow" },
    `#!/bin/sh\nwhile ! [ -e ${gate} ]; do sleep 0.05; done\nexec ${realQemuImg} "$@"`,
  );
  while (!readdirSync(home).some((entry) => entry.startsWith(".slow")))
    await new Promise((done) => setTimeout(done, 20));
  await createVm({ home, name: "quick" });
  writeFileSync(gate, "");
  expect(await slow).toMatchObject({ code: "CREATED" });
  expect(readdirSync(home)).toEqual([...before, "quick", "slow"].toSorted(compare));
});

test.each([
  ["INT", 130],
  ["TERM", 143],
  ["HUP", 129],
])("SIG%s half-way leaves nothing behind", async (signal, exitCode) => {
  const home = join(scratchDirectory(), "home");
  const result = await createElsewhere(
    { home, name: "vm" },
    `#!/bin/sh\n${realQemuImg} "$@"; kill -${signal} $PPID; sleep 1`,
  );
  expect(result).toMatchObject({ exitCode, code: "PLAN_INTERRUPTED" });
  expect(existsSync(home)).toBe(false);
});

test("on a disk that fills up at any point there is a whole VM or nothing", async () => {
  const quiet = `#!/bin/sh\nexec ${realQemuImg} "$@" 2> /dev/null`;
  const codes = [];
  for (const pages of [2, 4, 8, 12, 300]) {
    const home = mountTmpfs(`size=${pages * 4}k`);
    const { code } = await createElsewhere({ home, name: "vm" }, quiet);
    codes.push(code);
    const whole = ["vm", "vm/root.qcow2", "vm/vm.mjs"];
    expect(Object.keys(treeOf(home))).toEqual(code === "CREATED" ? whole : []);
  }
  expect(codes[0]).toBe("DISK_NOT_CREATED");
  expect(codes.at(-1)).toBe("CREATED");
});

test("a disk that is full when the config is written leaves nothing behind", async () => {
  const home = mountTmpfs("size=1m");
  const fill = `#!/bin/sh\n${realQemuImg} "$@"; cat /dev/zero 2> /dev/null > ${home}/ballast; exit 0`;
  expect(await createElsewhere({ home, name: "vm" }, fill)).toMatchObject({ code: "VM_NOT_CREATED" });
  expect(readdirSync(home)).toEqual(["ballast"]);
});

test("a home that cannot be written to, or is a file, is named", async () => {
  const readOnly = mountTmpfs("ro");
  const message = expect.stringContaining(readOnly);
  expect(await rejection(createVm({ home: readOnly, name: "x" }))).toMatchObject({
    code: "VM_NOT_CREATED",
    message,
  });
  expect(await rejection(createVm({ home: join(readOnly, "sub"), name: "x" }))).toMatchObject({
    code: "VM_NOT_CREATED",
    message,
  });
  const file = join(scratchDirectory(), "file");
  writeFileSync(file, "");
  expect(await rejection(createVm({ home: file, name: "x" }))).toMatchObject({ code: "VM_NOT_CREATED" });
  expect(await rejection(createVm({ home: join(file, "sub"), name: "x" }))).toMatchObject({
    code: "VM_NOT_CREATED",
  });
});

function runScript(vm: NewVm): number | null {
  return spawnSync("sh", { input: toScript(planCreate(vm)), stdio: ["pipe", "ignore", "ignore"] }).status;
}

test.each(["TestVM", `it's "q", $HOME`, "ünïcödé"])(
  "the script for %j does what the creation does",
  async (name) => {
    const [executed, scripted] = [join(scratchDirectory(), "a b"), join(scratchDirectory(), "a b")];
    await createVm({ home: executed, name, size: "2G" });
    expect(runScript({ home: scripted, name, size: "2G" })).toBe(0);
    expect(treeOf(scripted)).toEqual(treeOf(executed));
    expect(virtualSize(join(scripted, name, "root.qcow2"))).toBe(
      virtualSize(join(executed, name, "root.qcow2")),
    );
  },
);

test("the plan for a script has no pid in it and touches nothing", () => {
  const home = join(scratchDirectory(), "home");
  expect(planCreate({ home, name: "x" })).toEqual(planCreate({ home, name: "x" }));
  expect(existsSync(home)).toBe(false);
});

test("the script refuses an existing VM", async () => {
  const home = scratchDirectory();
  await createVm({ home, name: "vm", cpus: "7" });
  const before = treeOf(home);
  expect(runScript({ home, name: "vm" })).not.toBe(0);
  expect(treeOf(home)).toMatchObject(before);
});

test("a script that fails leaves nothing: the name taken, or a size that qemu-img refuses", async () => {
  const home = scratchDirectory();
  await createVm({ home, name: "vm" });
  expect(runScript({ home, name: "vm" })).not.toBe(0);
  expect(readdirSync(home)).toEqual(["vm"]);
  expect(runScript({ home, name: "other", size: "9999999P" })).not.toBe(0);
  expect(readdirSync(home)).toEqual(["vm"]);
});

test("what a script left that was killed is cleared away by the creation of that VM", async () => {
  const home = scratchDirectory();
  mkdirSync(join(home, ".vm.new"));
  writeFileSync(join(home, ".vm.new/root.qcow2"), "");
  await createVm({ home, name: "vm" });
  expect(readdirSync(home)).toEqual(["vm"]);
});
