import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandList, describeProgram, kindOfArgument, kindOfOption } from "@vm/command-guide";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { openTerminal } from "../../../e2e/guest/terminal.js";
import { bin, makeBuildTree, makeSourceRepository, sandbox } from "./vm.js";

test("of every option and argument of every command it is known what it may be, and every option says what it does", () => {
  const all = describeProgram().commands.flatMap((command) => [command, ...command.commands]);
  const unknown = all.flatMap((command) => {
    const { path } = command;
    const said = (what: string, isThere: boolean): string[] => (isThere ? [] : [`${path} ${what}`]);
    return [
      ...said("(its summary)", command.summary !== ""),
      ...command.options
        .filter(({ isHidden }) => !isHidden)
        .flatMap((option) => [
          ...said(
            `${option.term}: add it to command-guide/src/completion/value-kind.ts`,
            kindOfOption(path, option) !== undefined,
          ),
          ...said(`${option.term}: its description`, option.about !== ""),
        ]),
      ...command.arguments.flatMap((argument) => [
        ...said(
          `<${argument.name}>: add it to command-guide/src/completion/value-kind.ts`,
          kindOfArgument(path, argument) !== undefined,
        ),
        ...said(`<${argument.name}>: its description`, argument.about !== ""),
      ]),
    ];
  });
  expect(unknown).toEqual([]);
});

function place(): ReturnType<typeof sandbox> & { readonly ask: (line: string) => Promise<string[]> } {
  const box = sandbox();
  for (const name of ["TestVM", "My VM", "other"]) {
    mkdirSync(join(box.home, name), { recursive: true });
    writeFileSync(
      join(box.home, name, "vm.mjs"),
      'export const qemuOptions = [["-drive", "if=virtio,format=qcow2,file=root.qcow2"]];\nexport const kernelCmdline = [];\n',
    );
  }
  makeBuildTree(join(box.cwd, "linux"));
  const ask = async (line: string): Promise<string[]> => {
    const { code, stdout, stderr } = await box.vm("completion", "zsh", "--", ...line.split(" ").slice(1));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout.trimEnd().split("\n");
  };
  return { ...box, ask };
}

test("commands, options, and the values of both", async () => {
  const { ask, home, cwd, root, vmWith } = place();
  const words = async (line: string): Promise<string[]> =>
    (await ask(line)).slice(1).map((each) => each.replace(/^(?:word|more) /, "").replace(/\t.*/, ""));
  expect(await words("vm ")).toEqual(
    expect.arrayContaining([...commandList.map(({ name }) => name), "help", "--help"]),
  );
  expect(await words("vm sna")).toEqual(["snapshot"]);
  expect(await words("vm snapshot ")).toEqual(
    expect.arrayContaining(["create", "list", "restore", "delete"]),
  );
  expect(await words("vm help kco")).toEqual(["kconfig"]);
  expect(await words("vm help exit")).toEqual(["exit-codes"]);
  expect(await words("vm run --bo")).toEqual(["--boot-timeout"]);
  expect(await words("vm run T")).toEqual(["TestVM"]);
  expect(await words("vm run -n T")).toEqual(["TestVM"]);
  expect(await words("vm run --accel ")).toEqual(["auto", "kvm", "tcg"]);
  expect(await words("vm run --accel=k")).toEqual(["--accel=kvm"]);
  expect(await words("vm run --fail-on warn,kas")).toEqual(["warn,kasan"]);
  expect(await words("vm run --fail-on warn,war")).toEqual([]);
  expect(await words("vm run -k lin")).toEqual(["linux/"]);
  expect(await words("vm run -nklin")).toEqual(["-nklinux/"]);
  expect(await words("vm run --arch riscv6")).toEqual(["riscv64"]);
  expect(await words("vm kernel --fragments qemu,kas")).toEqual(["qemu,kasan"]);
  expect(await words("vm install X --fs b")).toEqual(["btrfs"]);
  expect(await ask("vm run -k ./l")).toEqual(["files 0"]);
  expect(await ask("vm run --root=/s")).toEqual(["directories 7"]);
  expect(await ask("vm run -k . -- -cdrom a")).toEqual(["files 0"]);
  expect(await ask("vm exec guest-1 --ver")).toEqual(["none 0"]);
  expect(await words("vm wait TestVM --for e")).toEqual(["exit"]);
  expect(await words("vm completion f")).toEqual(["fish"]);
  expect(await ask("vm nonsense a")).toEqual(["none 0"]);

  makeSourceRepository(cwd);
  expect(await words("vm run -k git:HE")).toEqual(["git:HEAD"]);
  mkdirSync(join(root, ".config/vm"), { recursive: true });
  mkdirSync(join(root, "builds/next"), { recursive: true });
  writeFileSync(join(root, ".config/vm/config.json"), JSON.stringify({ builds: join(root, "builds") }));
  expect(await words("vm run -k ne")).toEqual(["next"]);

  const image = join(home, "TestVM/root.qcow2");
  await execa("qemu-img", ["create", "-q", "-f", "qcow2", image, "1M"]);
  for (const tag of ["before upgrade", "after"]) await execa("qemu-img", ["snapshot", "-c", tag, image]);
  expect(await words("vm snapshot restore TestVM ")).toEqual(
    expect.arrayContaining(["before upgrade", "after"]),
  );
  expect(await words("vm disk remove TestVM ")).toContain("root.qcow2");

  // A broken configuration is no matter for Tab.
  writeFileSync(join(root, ".config/vm/config.json"), "{");
  expect(await vmWith({ VM_HOME: "" }, "completion", "zsh", "--", "run", "T")).toMatchObject({
    code: 0,
    stdout: "none 0\n",
  });
});

/** Where a shell's `vm` answers completions, and writes down the words of all else. */
function recordingVm(box: ReturnType<typeof place>): {
  readonly bin: string;
  readonly words: () => Promise<string[]>;
} {
  const programs = join(box.root, "bin");
  const record = join(box.root, "words");
  mkdirSync(programs);
  writeFileSync(
    join(programs, "vm"),
    `#!/bin/sh
[ "$1" = completion ] && exec '${process.execPath}' '${bin}' "$@"
printf '%s\\0' "$@" >'${record}.new'
mv '${record}.new' '${record}'
`,
  );
  chmodSync(join(programs, "vm"), 0o755);
  return {
    bin: programs,
    async words() {
      while (!existsSync(record)) await new Promise((resolve) => setTimeout(resolve, 50));
      const text = readFileSync(record, "utf8");
      rmSync(record);
      return text.split("\0").slice(0, -1);
    },
  };
}

const shells = {
  bash: { start: "exec bash --noprofile --norc -i", source: ". ./vm.completion" },
  zsh: {
    start: "exec zsh -f -i",
    source: "autoload -Uz compinit; compinit -u -D; . ./vm.completion",
  },
  fish: { start: "exec fish --no-config -i", source: "source ./vm.completion" },
};

test.each(Object.entries(shells))(
  "in a real %s Tab completes, and what it writes is what is meant",
  async (shell, { start, source }) => {
    const box = place();
    const { bin: programs, words } = recordingVm(box);
    const { stdout } = await box.vm("completion", shell);
    writeFileSync(join(box.cwd, "vm.completion"), stdout);
    mkdirSync(join(box.cwd, "a dir"));
    writeFileSync(join(box.cwd, "a dir", "an 'odd' file"), "");
    const terminal = openTerminal(start, {
      cwd: box.cwd,
      env: {
        PATH: `${programs}:${process.env["PATH"]}`,
        HOME: box.root,
        VM_HOME: box.home,
        PS1: "READY> ",
        PROMPT: "READY> ",
        // fish asks no terminal that cannot answer.
        TERM: "dumb",
        XDG_CONFIG_HOME: join(box.root, "config"),
        XDG_DATA_HOME: join(box.root, "data"),
        LC_ALL: "C.UTF-8",
      },
    });
    onTestFinished(async () => void (await terminal.close()));
    await terminal.waitFor(/[>#$%] ?/);
    terminal.write(`${source}; vm started\r`);
    expect(await words()).toEqual(["started"]);
    const typed: readonly [keys: string, words: readonly string[]][] = [
      ["vm snaps\tlis\tTes\t", ["snapshot", "list", "TestVM"]],
      ["vm run My\t", ["run", "My VM"]],
      ["vm run 'My\t", ["run", "My VM"]],
      ["vm run --boot-t\t5", ["run", "--boot-timeout", "5"]],
      ["vm run --accel=k\t", ["run", "--accel=kvm"]],
      ["vm run -k lin\t --exec true", ["run", "-k", "linux/", "--exec", "true"]],
      ["vm run -k . --fail-on warn,kas\t", ["run", "-k", ".", "--fail-on", "warn,kasan"]],
      ["vm run -i a\\ dir/an\t", ["run", "-i", "a dir/an 'odd' file"]],
      ["vm run --root=a\t", ["run", "--root=a dir"]],
    ];
    for (const [keys, expected] of typed) {
      // What zsh takes off again: the slash of a directory that ends the line.
      terminal.write(`${keys}\r`);
      const got = await words();
      expect({ keys, words: got.map((word) => word.replace(/(?<= dir)\/$/, "")) }).toEqual({
        keys,
        words: expected,
      });
    }
  },
);
