import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { commandTable } from "../src/command-table.js";
import { makeBuildTree, makeSourceRepository, sandbox, type Sandbox } from "./vm.js";

const bin = fileURLToPath(new URL("../bin/vm.cjs", import.meta.url));
const installer = fileURLToPath(
  new URL("../../../packages/arch-installer/bin/arch-install.cjs", import.meta.url),
);

/** Every command in a form that prints something, and its exit code for an error of the tool. */
const commands: readonly (readonly [words: string, failure: number])[] = [
  ["--help", 1],
  ["--version", 1],
  ["help run", 1],
  ["mcp --help", 1],
  ["report --help", 1],
  ["cache list --json", 1],
  ["cache prune -n", 1],
  ["create --help", 1],
  ["create Y -n", 1],
  ["run X -n", 1],
  ["run X -k linux -n", 1],
  ["run -k linux --exec true -n", 249],
  ["run -k linux --bisect --exec true -n", 128],
  ["run --bisect --help", 128],
  ["install --help", 1],
  ["test -k linux -n", 249],
  ["test -k nothing", 249],
  ["test -k linux --exec true --plan planned -n", 249],
  ["test --collect cells", 249],
  ["test --collect cells -n", 249],
  ["test --run cells --cell 1 -n", 249],
  ["gdb --help", 1],
  ["dump X core -n", 1],
  ["config X", 1],
  ["export X --libvirt", 1],
  ["export X --libvirt -n", 1],
  ["config X -n", 1],
  ["list", 1],
  ["list --json", 1],
  ["list -q", 1],
  ["list -n", 1],
  ["info X", 1],
  ["info X --json", 1],
  ["clone X Y -n", 1],
  ["import ../vms/X/root.qcow2 Y -n", 1],
  ["rename X Y -n", 1],
  ["set X cpus=3 -n", 1],
  ["edit X -n", 1],
  ["disk list X", 1],
  ["disk list X --json", 1],
  ["disk add X 1M -n", 1],
  ["resize X +1M -n", 1],
  ["snapshot list X", 1],
  ["snapshot list X --json", 1],
  ["snapshot create X two -n", 1],
  ["rm X --yes -n", 1],
  ["start X -n", 1],
  ["start -k linux --name N -n", 1],
  ["stop --help", 1],
  ["restart --help", 1],
  ["console X -n", 1],
  ["logs X -n", 1],
  ["pause --help", 1],
  ["resume --help", 1],
  ["wait --help", 1],
  ["events X -n", 1],
  ["qmp --help", 1],
  ["exec -n X true", 249],
  ["shell X -n", 249],
  ["cp --help", 1],
  ["ssh --help", 1],
  ["ssh-config X -n", 1],
  ["ssh-connect X -n", 1],
  ["serve-cells", 1],
  ["serve-cells -n", 1],
  ["forward --help", 1],
  ["mount --help", 1],
  ["kernel linux", 1],
  ["kernel linux --json", 1],
  ["modules linux", 1],
  ["modules linux --json", 1],
  ["kconfig --help", 1],
  ["kconfig check linux -n", 1],
  ["kconfig check linux --json", 1],
  ["modules-package -n", 1],
  ["decode console.log -k linux", 1],
  ["decode console.log -k linux --json", 1],
  ["decode console.log -k linux -n", 1],
  ["doctor --json", 1],
  ["doctor -n", 1],
  ["completion bash", 1],
  ["completion zsh", 1],
  ["completion fish", 1],
  ["completion bash -n", 1],
  ["help topics", 1],
  ["help exit-codes", 1],
];

test("every command is looked at: those that a guest has to run for are tried in e2e/test/background.test.ts", () => {
  const tried = new Set(commands.map(([words]) => words.split(" ")[0]));
  expect(commandTable.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
});

async function prepared(): Promise<Sandbox> {
  const box = sandbox();
  await box.vm("create", "X", "-s", "1M");
  await box.vm("snapshot", "create", "X", "one");
  makeBuildTree(join(box.cwd, "linux"));
  makeSourceRepository(box.cwd);
  writeFileSync(
    join(box.cwd, "console.log"),
    "Oops: 0000 [#1] SMP\nRIP: 0010:f+0x1/0x2\nCall Trace:\n g+0x1/0x2\n",
  );
  const planned = await box.vm("test", "-k", "linux", "--exec", "true", "--plan", "cells");
  expect(planned).toMatchObject({ code: 0 });
  return box;
}

const quoted = (words: string): string => `"${process.execPath}" "${bin}" ${words}`;

test("output of any command that cannot be written is an error with its reason", async () => {
  const { sh } = await prepared();
  const ended = await Promise.all(commands.map(([words]) => sh(`${quoted(words)} >/dev/full`)));
  for (const [index, [words, failure]] of commands.entries()) {
    expect([words, ended[index]?.code, ended[index]?.stdout]).toEqual([words, failure, ""]);
    expect(ended[index]?.stderr).toMatch(/standard output could not be written: .*no space left/i);
  }
});

test("a reader that goes away is no error to speak of, whatever the command", async () => {
  const { sh } = await prepared();
  const ended = await Promise.all(
    commands.map(([words]) => sh(`{ sleep .3; ${quoted(words)}; echo "code $?" >&2; } | true`)),
  );
  for (const [index, [words, failure]] of commands.entries()) {
    const stderr = ended[index]?.stderr ?? "";
    expect([words, /code (\d+)\n$/.exec(stderr)?.[1]]).toEqual([words, failure === 128 ? "128" : "141"]);
    expect(stderr).not.toMatch(/EPIPE|written|Error/);
  }
});

test("what cannot be said on standard error is an error too, and a closed one is not", async () => {
  const { sh } = await prepared();
  expect(await sh(`${quoted("create Y -s 1M")} 2>/dev/full`)).toMatchObject({ code: 1 });
  expect(await sh(`${quoted("create Z -s 1M")} 2>&-`)).toMatchObject({ code: 0 });
  for (const [words, code] of [
    ["run --bogus", 2],
    ["run --exec true --bogus", 249],
    ["run --bisect --bogus", 128],
    ["run -k nothing --bisect --exec true", 128],
    // The last line of how it gets on.
    ["test -k nothing --exec true", 249],
    ["test -k nothing --exec true --json", 249],
  ] as const) {
    expect([words, (await sh(`${quoted(words)} 2>/dev/full`)).code]).toEqual([words, code]);
  }
});

test("arch-install says it too, for its help and for its script", async () => {
  const { sh } = sandbox();
  for (const words of ["--help", "--version", "--hostname a --root-password-hash '$6$a$b' -n"]) {
    const ended = await sh(`"${process.execPath}" "${installer}" ${words} >/dev/full`);
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/no space left/i) });
    const closed = await sh(
      `{ sleep .3; "${process.execPath}" "${installer}" ${words}; echo "code $?" >&2; } | true`,
    );
    expect(closed.stderr).toBe("code 141\n");
  }
});

test("a report that cannot be written is an error, and none of an earlier run is left in its place", async () => {
  const { cwd, vm } = await prepared();
  for (const option of ["--report", "--junit", "--html"]) {
    const ended = await vm("test", "-k", "nothing", option, "/dev/full");
    expect(ended).toMatchObject({ code: 249, stderr: expect.stringContaining("no space left on device") });
  }
  mkdirSync(join(cwd, "directory"));
  expect(await vm("test", "-k", "nothing", "--report", "directory")).toMatchObject({ code: 249 });
  const report = join(cwd, "report.json");
  writeFileSync(report, "of an earlier run");
  expect(await vm("test", "-k", "nothing", "--report", report, "-j", "none")).toMatchObject({ code: 2 });
  expect(readFileSync(report, "utf8")).toBe("of an earlier run");
  expect(await vm("test", "-k", "nothing", "--report", report, "--html", "directory")).toMatchObject({
    code: 249,
  });
  expect(existsSync(report)).toBe(false);
  expect(await vm("test", "-k", "nothing", "--report", report)).toMatchObject({ code: 1 });
  expect(JSON.parse(readFileSync(report, "utf8"))).toMatchObject({ passed: false });
});

test("a pipe whose reader goes away is an error and not a wait, before or after a report is written to it", async () => {
  const { sh, root } = await prepared();
  // The pipe is open when git is asked for the kernel, and then its reader goes: git answers after that.
  const programs = join(root, "waiting");
  mkdirSync(programs);
  writeFileSync(
    join(programs, "git"),
    `#!/bin/sh\n: >'${root}/asked'\nuntil [ -e '${root}/gone' ]; do sleep .05; done\nPATH=\${PATH#*:}\nexec git "$@"\n`,
    { mode: 0o755 },
  );
  for (const option of ["--report", "--junit", "--html"]) {
    const command = quoted(`test -k git:HEAD ${option} pipe`);
    const ended = await sh(
      `mkfifo pipe; exec 3<>pipe; PATH='${programs}':$PATH ${command} 3<&- & vm=$!
      until [ -e '${root}/asked' ] || ! kill -0 $vm; do sleep .05; done
      exec 3<&-; : >'${root}/gone'; wait $vm; status=$?
      rm pipe '${root}/asked' '${root}/gone'; exit $status`,
    );
    expect(ended).toMatchObject({
      code: 249,
      stderr: expect.stringMatching(/pipe could not be written: broken pipe\n/),
    });
  }
});

test("a pipe that nobody reads is an error and not a wait", async () => {
  const { sh } = await prepared();
  const ended = await sh(`mkfifo pipe; ${quoted("test -k nothing --report pipe")}`);
  expect(ended).toMatchObject({ code: 249, stderr: expect.stringContaining("nobody reads this pipe") });
});

test("no error that nobody foresaw passes for an answer", async () => {
  const { sh, home } = await prepared();
  const late = (code: string): void =>
    writeFileSync(join(home, "X/vm.mjs"), `export const qemuOptions = [], kernelCmdline = [];\n${code}`);
  const run = `${quoted("run X -k linux")} --exec true`;
  for (const code of [
    'Promise.reject(new Error("late"));',
    'queueMicrotask(() => { throw new Error("late"); });',
    "process.nextTick(() => process.exit(0));",
  ]) {
    late(code);
    expect([code, (await sh(run)).code]).toEqual([code, 249]);
    expect([code, (await sh(`${run} --bisect`)).code]).toEqual([code, 128]);
  }
});

/** With one or two more than it needs itself Node cannot even open the program, and ends with 1 before that has a say. */
const NODES_OWN = /EMFILE: too many open files, open '.*vm\.cjs'/;

test("a limit of open files that is too low is never a bad commit", async () => {
  const { sh } = await prepared();
  const limits = [8, 16, 18, 20, 22, 24, 28, 32];
  const ended = await Promise.all(
    limits.map((limit) => sh(`ulimit -n ${limit}; ${quoted("run -k linux --bisect --exec true")}`)),
  );
  expect(ended.filter(({ stderr }) => NODES_OWN.test(stderr)).length).toBeLessThan(3);
  for (const [index, limit] of limits.entries()) {
    if (NODES_OWN.test(ended[index]?.stderr ?? "")) continue;
    const code = ended[index]?.code ?? 0;
    expect([limit, code === 125 || code >= 128]).toEqual([limit, true]);
  }
});
