import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  checkRunOptions,
  type MatrixOptions,
  type RunForm,
  type RunOptions,
  runOptionUses,
  runWords,
} from "@vm/command-requests";
import { Command } from "commander";
import { expect, test } from "vitest";
import { define as defineRun } from "../src/commands/run.js";
import { define as defineStart } from "../src/commands/start.js";
import { define as defineTest } from "../src/commands/test.js";
import { makeBuildTree, sandbox, unfolded } from "./vm.js";

const context = { env: {}, cwd: "/", setExitCode: () => {} };

/** What commander itself has of a command. */
function optionsOf(define: typeof defineRun): { key: string; flags: string; negated: boolean }[] {
  const command = new Command("x");
  define(command, context);
  return command.options.map((option) => ({
    key: option.attributeName(),
    flags: option.flags,
    negated: option.negate,
  }));
}

const forms: readonly (readonly [form: RunForm, name: string | undefined, more: RunOptions])[] = [
  ["command", undefined, { kernel: "git:HEAD", exec: "true" }],
  ["shell", undefined, { kernel: "git:HEAD" }],
  ["vm-command", "X", { kernel: "git:HEAD", exec: "true" }],
  ["vm", "X", { kernel: "git:HEAD" }],
];

/** The message that refuses, or null: honoured. */
function refusalOf(name: string | undefined, options: RunOptions): string | null {
  try {
    checkRunOptions(name, options);
    return null;
  } catch (error) {
    return String(error);
  }
}

test("every option of vm run is honoured or refused by name, in every form of it", () => {
  const options = optionsOf(defineRun);
  expect(options.map(({ key }) => key).toSorted()).toEqual(Object.keys(runOptionUses).toSorted());
  for (const { key, flags, negated } of options) {
    const [, use] = Object.entries(runOptionUses).find(([name]) => name === key) ?? [];
    expect(flags.split(/[ ,]+/)).toContain(use?.flag);
    // What starts another form is no matter of this.
    if (key === "exec") continue;
    for (const [form, name, more] of forms) {
      const given = Object.fromEntries([
        [key, negated ? false : key === "share" ? ["9p"] : (more.kernel ?? "x")],
      ]);
      const refusal = refusalOf(name, { ...more, ...given });
      const isNamed = refusal?.includes(use?.flag ?? "?") === true;
      expect([flags, form, isNamed]).toEqual([flags, form, use?.forms.includes(form) !== true]);
    }
  }
});

test("what needs a kernel of the host, or a revision, is refused without one", () => {
  for (const [key, use] of Object.entries(runOptionUses)) {
    if (use.needs === undefined) continue;
    const given = Object.fromEntries([[key, key === "share" ? ["9p"] : "x"]]);
    expect(refusalOf("X", given)).toContain(use.flag);
    const plain = refusalOf("X", { ...given, kernel: "linux" });
    expect([key, plain !== null]).toEqual([key, use.needs === "git"]);
  }
});

test("what is kept of a guest that failed leaves no place for some other options, and needs a terminal", async () => {
  const { cwd, vm } = sandbox();
  makeBuildTree(join(cwd, "linux"));
  const run = ["run", "-k", "linux", "--exec", "true", "--on-fail"];
  for (const [what, ...clash] of [
    ["shell", "--bisect"],
    ["shell", "--timeout", "3"],
    ["shell", "--no-stdin"],
    ["shell", "--shell"],
    ["gdb", "-t"],
    ["gdb", "--gdb"],
    ["gdb", "--dump", "core"],
  ] as const) {
    const { code, stderr } = await vm(...run, what, ...clash);
    expect([what, clash, code]).toEqual([what, clash, clash[0] === "--bisect" ? 128 : 2]);
    expect(stderr).toContain(`--on-fail ${what} and ${clash[0]} exclude each other`);
  }
  for (const what of ["shell", "gdb", "dump"]) {
    const { code, stderr } = await vm(...run, what);
    expect([code, stderr]).toEqual([2, expect.stringContaining("--on-fail needs a terminal")]);
  }
  expect(await vm(...run, "tea")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("shell, gdb, dump"),
  });
  expect((await vm(...run, "gdb", "-n")).stdout).toMatch(/-append '[^']*nokaslr oops=panic/);
});

test("every option of vm test is in the script of its dry run, or makes the script the command itself", () => {
  /** What is another word of the script, or of all runs together. */
  const elsewhere = [
    "kernel",
    "exec",
    "dryRun",
    "report",
    "junit",
    "html",
    "json",
    "jobs",
    "failFast",
    "untilFail",
    "seed",
    "guest",
    "only",
    "rerunFailed",
    "baseline",
    "expectedFailures",
  ];
  // test/cells.test.ts and test/slurm.test.ts show their scripts, and what each refuses.
  const inParts = ["plan", "run", "cell", "shard", "attempt", "collect", "wait", "on", "detach"];
  const lists = ["append", "ro", "rw", "expose", "share", "env"];
  for (const { key } of optionsOf(defineTest)) {
    if (elsewhere.includes(key) || inParts.includes(key)) continue;
    const isFlag = ["user", "ktap", "full"].includes(key);
    const value = isFlag ? true : lists.includes(key) ? ["a-value"] : "a-value";
    const given: MatrixOptions = Object.fromEntries([[key, value]]);
    expect(runWords(given).join(" ")).toMatch(isFlag ? /^--(?:user|ktap|full)$/ : /^--?[a-z-]+ a-value$/);
  }
});

test("refusals end with 2, before anything is looked at, and with 128 for a bisection", async () => {
  const { vm } = sandbox();
  const refused: readonly (readonly string[])[] = [
    ["--timeout", "5"],
    ["--network", "none"],
    ["--root", "/"],
    ["--rw", "/tmp"],
    ["--systemd"],
    ["--report", "r.json"],
    ["-j", "2"],
    ["--fragments", "qemu"],
    ["--expose", "/x"],
    ["--share", "9p"],
  ];
  const ended = await Promise.all(
    refused.flatMap((words) => [vm("run", "X", ...words), vm("run", "X", "--bisect", ...words)]),
  );
  for (const [index, words] of refused.entries()) {
    expect(ended[index * 2]).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining(words[0] ?? ""),
    });
    expect(ended[index * 2 + 1]).toMatchObject({ code: 128, stdout: "" });
  }
});

test("other commands refuse what they would not use", async () => {
  const { cwd, vm } = sandbox();
  makeBuildTree(join(cwd, "linux"));
  for (const words of [
    ["kernel", "linux", "-j", "2"],
    ["kernel", "linux", "--fragments", "qemu"],
    ["kconfig", "check", "linux", "--base", "defconfig"],
    ["test", "-k", "linux", "--arch", "arm64"],
    ["modules", "linux", "--json", "-q"],
    ["run", "-k", "linux", "-i", "initramfs", "--busybox", "busybox"],
    ["run", "X", "-k", "linux", "-i", "initramfs", "-n", "--busybox", "busybox"],
    ["install", "Y", "--bootstrap", "-k", "linux", "--iso-keyring", "x"],
  ]) {
    const flag = words.filter((word) => word.startsWith("--") || word === "-j").at(-1) ?? "";
    expect(await vm(...words)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(flag) });
  }
});

test("-c and -m of a VM are QEMU's last word, with and without a command", async () => {
  const { cwd, vm } = sandbox();
  makeBuildTree(join(cwd, "linux"));
  await vm("create", "X", "-s", "1M", "-c", "2", "-m", "512M");
  for (const more of [[], ["--exec", "true"]]) {
    const { code, stdout } = await vm("run", "X", "-k", "linux", "-c", "3", "-m", "2G", ...more, "-n");
    expect(code).toBe(0);
    expect(stdout.lastIndexOf("-smp 3")).toBeGreaterThan(stdout.indexOf("-smp"));
    expect(stdout.lastIndexOf("-m 2G")).toBeGreaterThan(stdout.indexOf("-m 512M"));
  }
  expect(await vm("run", "X", "-m", "much")).toMatchObject({ code: 2 });
});

test("a dry run of vm test with reports is the command itself", async () => {
  const { cwd, vm } = sandbox();
  makeBuildTree(join(cwd, "linux"));
  const { code, stdout } = await vm(
    "test",
    "-k",
    "linux",
    "--exec",
    "true",
    "--junit",
    "j.xml",
    "-j",
    "2",
    "-n",
  );
  expect(code).toBe(0);
  // A long path makes it several lines.
  const words = unfolded(stdout);
  expect(words).toMatch(/vm\.cjs test -k linux --exec true --junit j\.xml -j 2\b/);
});

test.each(['x="y', "foo -- bar", "--", '"--"', 'a "b', '"'])(
  "the kernel parameter %j would swallow what follows it: wrong usage everywhere",
  async (parameter) => {
    const { cwd, vm } = sandbox();
    makeBuildTree(join(cwd, "linux"));
    await vm("create", "X", "-s", "1M");
    const codes = await Promise.all(
      [
        ["run", "-k", "linux", "-a", parameter, "--exec", "true"],
        ["run", "-k", "linux", "-a", parameter, "--bisect", "--exec", "true"],
        ["run", "X", "-k", "linux", "-a", parameter],
        ["run", "X", "-k", "linux", "-a", parameter, "--exec", "true"],
        ["test", "-k", "linux", "-a", parameter],
      ].map(async (words) => (await vm(...words)).code),
    );
    expect(codes).toEqual([2, 128, 2, 2, 2]);
  },
);

test.each([
  ["init=/bin/bash", [2, 128, 2, 0]],
  ["rdinit=/x", [2, 128, 2, 0]],
  ["root=/dev/vda1 rw", [2, 128, 2, 0]],
  ["quiet rootflags=x", [2, 128, 2, 0]],
  ["rw", [2, 128, 2, 0]],
  ["systemd.unit=rescue.target", [0, 0, 0, 2]],
  ["systemd.run-success-action=none", [0, 0, 0, 2]],
  ["single", [0, 0, 0, 2]],
] as const)(
  "the kernel parameter %j, which would do nothing there, is refused by its name",
  async (parameter, codes) => {
    const { cwd, vm } = sandbox();
    makeBuildTree(join(cwd, "linux"));
    await vm("create", "X", "-s", "1M");
    const ends = await Promise.all(
      [
        ["run", "-k", "linux", "-a", parameter, "--exec", "true", "-n"],
        ["run", "-k", "linux", "-a", parameter, "--bisect", "--exec", "true", "-n"],
        ["test", "-k", "linux", "-a", parameter, "--exec", "true", "-n"],
        ["run", "X", "-k", "linux", "-a", parameter, "--exec", "true", "-n"],
      ].map(async (words) => await vm(...words)),
    );
    expect(ends.map(({ code }) => code)).toEqual(codes);
    const refusals = ends.filter(({ code }) => code !== 0).map(({ stderr }) => stderr);
    expect(refusals.every((words) => words.includes("cannot be given here"))).toBe(true);
    const whole = await vm("run", "X", "-k", "linux", "-a", parameter, "-n");
    expect(whole.code).toBe(0);
  },
);

test("a VM's own parameters come behind those of a command, but for what is looked at", async () => {
  const { cwd, home, vm } = sandbox();
  makeBuildTree(join(cwd, "linux"));
  await vm("create", "X", "-s", "1M");
  const config = (parameter: string): void =>
    writeFileSync(
      join(home, "X/vm.mjs"),
      `export const qemuOptions = [], kernelCmdline = ["${parameter}"];\n`,
    );
  config("panic=10 printk.time=0");
  const { stdout } = await vm("run", "X", "-k", "linux", "--exec", "true", "-n");
  expect(stdout).toMatch(/panic=-1 .*panic=10 printk\.time=0 .*printk\.time=1/s);
  config("systemd.unit=x.target");
  expect(await vm("run", "X", "-k", "linux", "--exec", "true", "-n")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('"systemd.unit=x.target" cannot be given here'),
  });
  const trace = ["--trace", "sched:*", "-a", "trace_event=irq:*"];
  expect(await vm("run", "X", "-k", "linux", ...trace, "-n")).toMatchObject({ code: 2 });
});

test("and in a configuration", async () => {
  const { home, cwd, vm } = sandbox();
  makeBuildTree(join(cwd, "linux"));
  await vm("create", "X", "-s", "1M");
  for (const parameters of [["a", 'x="y', 'z"'], ["quiet --"]]) {
    const text = `export const qemuOptions = [], kernelCmdline = ${JSON.stringify(parameters)};\n`;
    writeFileSync(join(home, "X/vm.mjs"), text);
    expect(await vm("run", "X", "-k", "linux", "-n")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/X\/vm\.mjs: kernelCmdline\[\d\]/),
    });
    expect(await vm("run", "X", "-k", "linux", "--bisect", "--exec", "true")).toMatchObject({ code: 128 });
  }
});

test("-n in one word with other options makes no difference to the script", async () => {
  const { cwd, vm } = sandbox();
  makeBuildTree(join(cwd, "linux"));
  const together = await vm(
    "kernel",
    "-nn",
    "--fetch",
    "debian:sid",
    "--mirror",
    "http://127.0.0.1:9/debian",
  );
  const apart = await vm("kernel", "-n", "--fetch", "debian:sid", "--mirror", "http://127.0.0.1:9/debian");
  expect(together).toEqual(apart);
  expect(apart).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringMatching(/ --fetch( \\\n +| )debian:sid/),
  });
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGFyY2gtaW5zdGFsbGVyIHRlc3Qga2V5Li4uLi4u me@here";
  const install = await vm("install", "Y", "--ssh-key", key, "-nc", "4");
  expect(unfolded(install.stdout)).toMatch(/vm\.cjs install Y --ssh-key/);
  expect(install.stdout).toMatch(/-c( \\\n +| )4/);
  expect((await vm("modules", "linux", "-qn")).stdout).toMatch(/vm\.cjs modules( \\\n +| )--quiet /);
});

test("vm start has every option of vm run that is about a guest, and none that is about a command in it", () => {
  const own = ["wait", "upTimeout", "json"];
  const ofCommand = [
    "exec",
    "shell",
    "tty",
    "stdin",
    "timeout",
    "bootTimeout",
    "failOn",
    "bisect",
    "console",
    "full",
    "onFail",
    "report",
    "junit",
  ];
  const keys = optionsOf(defineStart).map(({ key }) => key);
  expect(keys.toSorted()).toEqual(
    [...own, ...Object.keys(runOptionUses).filter((key) => !ofCommand.includes(key))].toSorted(),
  );
  const shared = optionsOf(defineStart).filter(({ key }) => !own.includes(key));
  expect(optionsOf(defineRun)).toEqual(expect.arrayContaining(shared));
});

test("vm start refuses what it would not do by its name", async () => {
  const { cwd, vm } = sandbox();
  makeBuildTree(join(cwd, "linux"));
  await vm("create", "X", "-s", "1M");
  for (const [words, said] of [
    [["start"], "which virtual machine?"],
    [["start", "-k", "linux"], "vm start -k linux --name NAME"],
    [["start", "X", "--name", "Y"], "--name is for the embedded guest"],
    [["start", "--name", "Y"], "--name is for the embedded guest, which needs a kernel (-k)"],
    [["start", "-k", "linux", "--name", "X"], "--name: there is a virtual machine X"],
    [["start", "-k", "linux", "--name", "-x"], "cannot be the name of a VM"],
    [["start", "X", "--rw", "."], "--rw is for the embedded guest"],
    [["start", "X", "-a", "quiet"], "-a needs -k"],
    [["start", "X", "--up-timeout", "soon"], "--up-timeout"],
    [["start", "X", "--exec", "true"], "--exec"],
    [["wait", "X", "--for", "ever"], "--for: expected up, exit, panic"],
    [["qmp", "X", "stop", "[]"], "a JSON object"],
    [["qmp", "X", "stop", "{"], "no JSON"],
    [["console", "X", "--detach-key", "q"], "--detach-key"],
  ] as const) {
    expect([words, await vm(...words)]).toMatchObject([
      words,
      { code: 2, stdout: "", stderr: expect.stringContaining(said) },
    ]);
  }
});

test("vm start --dry-run prints QEMU as it would be started, and itself", async () => {
  const { cwd, vm } = sandbox();
  makeBuildTree(join(cwd, "linux"));
  await vm("create", "X", "-s", "1M");
  const { code, stdout } = await vm("start", "X", "-k", "linux", "-i", "linux/vmlinux", "-n", "--", "-s");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}# +exec .*qemu-system-x86_64/m);
  expect(stdout).toMatch(/^ {2}# .*path=.*\/qmp,server=on,wait=off/m);
  // A long command, by the path of Node, stands on several lines.
  const lines = unfolded(stdout);
  expect(lines).toMatch(/^ {2}exec .* start X -k linux -i linux\/vmlinux -- -s$/m);
});

test("a guest that does not run is told as such, with the next step", async () => {
  const { vm } = sandbox();
  await vm("create", "X", "-s", "1M");
  const missing = [
    ["stop", "X"],
    ["restart", "X"],
    ["pause", "X"],
    ["resume", "X"],
    ["events", "X"],
  ];
  for (const words of [...missing, ["console", "X"], ["wait", "X", "--for", "up"], ["qmp", "X", "stop"]]) {
    expect([words, await vm(...words)]).toMatchObject([
      words,
      { code: 1, stdout: "", stderr: "vm: X is not running\nvm:   Start it: vm start X\n" },
    ]);
  }
  expect(await vm("logs", "X")).toMatchObject({ code: 1, stderr: expect.stringContaining("vm start X") });
  expect(await vm("stop", "Y")).toMatchObject({ code: 1, stderr: expect.stringContaining("there is no VM") });
  expect(await vm("stop", "--all", "--json")).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
});
