import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeProgram, splitLeading, takeGlobalOptions } from "@vm/command-guide";
import { Command } from "commander";
import { execa } from "execa";
import { expect, test } from "vitest";
import { commandTable } from "../src/command-table.js";
import { helpOfAll } from "../src/global-options.js";
import { bin, makeBuildTree, sandbox, unfolded } from "./vm.js";

const globals = ["--quiet", "--verbose", "--no-color"];

async function everyCommand(): Promise<Command> {
  const program = new Command("vm").configureHelp(helpOfAll);
  for (const { name, load } of commandTable) {
    (await load()).define(program.command(name), { env: {}, cwd: "/", setExitCode: () => {} });
  }
  return program;
}

test("the help of every command has them, once", async () => {
  const program = await everyCommand();
  const all = [program, ...program.commands].flatMap((each) => [each, ...each.commands]);
  expect(all.length).toBeGreaterThan(50);
  for (const command of all) {
    const shown = command.createHelp().visibleOptions(command);
    for (const long of globals) {
      const times = shown.filter((option) => option.long === long).length;
      expect([command.name(), long, times]).toEqual([command.name(), long, 1]);
    }
  }
});

test("every command takes them behind its name and before it, and gives its own option of that name its own meaning", () => {
  const program = describeProgram();
  for (const { name, options } of program.commands) {
    for (const long of globals) {
      expect(splitLeading([long, name, "X"])).toEqual({ leading: [long], rest: [name, "X"] });
      const isOwn = options.some((option) => option.long === long && option.group !== "Every command:");
      const rest = isOwn ? [name, long, "X"] : [name, "X"];
      expect([name, takeGlobalOptions(program, [name, long, "X"])]).toEqual([name, { taken: [long], rest }]);
    }
  }
  // What is another option's value, or behind the dashes, is no option.
  for (const words of [
    ["run", "-k", "--quiet", "--exec", "--verbose"],
    ["run", "-nk", "--quiet"],
    ["create", "--", "--quiet"],
    ["snapshot", "create", "X", "--", "--verbose"],
  ])
    expect(takeGlobalOptions(program, words)).toEqual({ taken: [], rest: words });
  expect(takeGlobalOptions(program, ["run", "--exec=true", "--quiet", "-k."])).toEqual({
    taken: ["--quiet"],
    rest: ["run", "--exec=true", "-k."],
  });
});

test("--quiet leaves out what was done, not what went wrong", async () => {
  const { vm } = sandbox();
  expect(await vm("create", "X", "-s", "1M")).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("X"),
  });
  expect(await vm("create", "--quiet", "Y", "-s", "1M")).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(await vm("--quiet", "create", "Z", "-s", "1M")).toEqual({ code: 0, stdout: "", stderr: "" });
  const again = await vm("--quiet", "create", "Y", "-s", "1M");
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("Y") });
  // The list's own option means its own; before the name it is the one of all.
  expect((await vm("list", "--quiet")).stdout).toBe("X\nY\nZ\n");
  expect((await vm("--quiet", "list")).stdout).toBe((await vm("list")).stdout);
});

test("--verbose tells each program in one line that a shell takes, and standard output is the same", async () => {
  const { cwd, root, sh, vm, vmWith } = sandbox();
  const created = await vm("create", "X", "-s", "1M", "--verbose");
  expect(created.stdout).toBe("");
  expect(created.stderr.trimEnd().split("\n")).toEqual([
    expect.stringMatching(/^vm: \d+\.\d{3} s: qemu-img create .*1M$/),
    expect.stringMatching(/^vm: created/),
  ]);
  // A program that shows what it got: the line, pasted, gives it the same.
  const programs = join(root, "bin");
  mkdirSync(programs);
  const seen = join(root, "seen");
  writeFileSync(
    join(programs, "qemu-img"),
    `#!/bin/sh\nprintf '<%s>' "$PWD" "$@" >>'${seen}'\necho no >&2\nexit 3\n`,
  );
  chmodSync(join(programs, "qemu-img"), 0o755);
  const path = `${programs}:${process.env["PATH"]}`;
  const odd = "a\n'b'\\ \u001b[1m\u2028\u0085\u00e9 $c.qcow2";
  writeFileSync(join(cwd, odd), Buffer.from("QFI\u00fb\0\0\0\u0003".padEnd(512, "\0"), "latin1"));
  const ended = await vmWith({ PATH: path }, "import", odd, "N", "--verbose");
  expect([ended.code, ended.stdout, ended.stderr]).toEqual([1, "", expect.stringContaining("qemu-img")]);
  const told = ended.stderr.split("\n").filter((line) => / s: .*qemu-img/.test(line));
  expect(told.length).toBeGreaterThan(0);
  const first = readFileSync(seen, "utf8");
  expect(first).toContain(odd);
  writeFileSync(seen, "");
  const commands = told.map((line) => line.replace(/^vm: [\d.]+ s: /, ""));
  expect(commands.every((line) => line.includes("# ended with 3"))).toBe(true);
  await sh(`PATH='${path}' bash -c ${quoted(commands.join("\n"))}`);
  expect(readFileSync(seen, "utf8")).toBe(first);
});

/** In front of the real programs: one of them, that waits for its turn. */
function slowProgram(
  name: string,
  waits: string,
): { readonly box: ReturnType<typeof sandbox>; readonly go: () => void; readonly PATH: string } {
  const box = sandbox();
  const programs = join(box.root, "bin");
  mkdirSync(programs);
  const go = join(box.root, "go");
  writeFileSync(
    join(programs, name),
    `#!/bin/sh\nif ${waits}; then until [ -e '${go}' ]; do sleep .05; done; fi\nPATH=\${PATH#*:}\nexec ${name} "$@"\n`,
    { mode: 0o755 },
  );
  return { box, go: () => writeFileSync(go, ""), PATH: `${programs}:${process.env["PATH"]}` };
}

test.each([
  ["import x.qcow2 N", "import x.qcow2 M", "qemu-img", '[ "$1" = convert ]', "qemu-img convert is at work"],
  ["modules linux", undefined, "depmod", "true", "the modules of 6.1.0-test are being indexed"],
  ["doctor", undefined, "qemu-img", "true", "this machine is being tried"],
  ["cache list", undefined, "du", "true", "is being measured"],
])(
  "vm %s says what takes its time, and not with --quiet",
  async (words, quietly = words, program, waits, doing) => {
    const { box, go, PATH } = slowProgram(program, waits);
    const { cwd, env } = box;
    execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", join(cwd, "x.qcow2"), "1M"]);
    makeBuildTree(join(cwd, "linux"));
    // Something in the cache.
    makeBuildTree(join(cwd, "other"));
    await box.vm("modules", "other");
    // It began before the one that tells, and ends no earlier.
    const quiet = box.vmWith({ PATH }, "--quiet", ...quietly.split(" "));
    const told = new RegExp(`^vm: .*${doing} \\(\\d+ s\\)$`, "m");
    const slow = execa(process.execPath, [bin, ...words.split(" ")], {
      cwd,
      env: { ...env, PATH },
      extendEnv: false,
      stdin: "ignore",
    });
    let said = "";
    slow.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (told.test(said)) go();
    });
    // doctor ends with what it found.
    await slow.catch(() => undefined);
    expect(said).toMatch(told);
    expect((await quiet).stderr).toBe("");
  },
);

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

test.each([
  ["kernel", "linux"],
  ["modules", "linux"],
  ["list", "--json"],
  ["doctor", "-n"],
  ["run", "-k", "linux", "-n"],
  ["kconfig", "check", "linux/.config"],
])("standard output of vm %s %s is the same with all of them", async (...words) => {
  const { cwd, vm } = sandbox();
  makeBuildTree(join(cwd, "linux"));
  // What is made once is there from now on.
  await vm(...words);
  const plain = await vm(...words);
  const all = await vm("--verbose", "--no-color", ...words, "--verbose");
  expect([all.code, lasting(all.stdout)]).toEqual([plain.code, lasting(plain.stdout)]);
});

/** The script of what repeats the command has its words. */
function lasting(text: string): string {
  return unfolded(text).replaceAll(/ --(?:verbose|no-color)/g, "");
}

test("--no-color and NO_COLOR: on a terminal a report has no colours", async () => {
  const { cwd, sh } = sandbox();
  makeBuildTree(join(cwd, "linux"));
  writeFileSync(
    join(cwd, "console.log"),
    "Oops: 0000 [#1] SMP\nRIP: 0010:f+0x1/0x2\nRAX: 0000000000000000\nCall Trace:\n g+0x1/0x2\n",
  );
  const onTerminal = async (before: string, after: string): Promise<string> => {
    const command = `${before} '${process.execPath}' '${bin}' decode console.log -k linux ${after}`;
    return (await sh(`script -qec "${command}" /dev/null </dev/null`)).stdout;
  };
  const colour = "\u001b[1;31m";
  expect(await onTerminal("", "")).toContain(colour);
  expect(await onTerminal("", "--no-color")).not.toContain("\u001b[");
  expect(await onTerminal("NO_COLOR=1", "")).not.toContain("\u001b[");
  // The variable counts when it is not empty.
  expect(await onTerminal("NO_COLOR=", "")).toContain(colour);
});
