import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bin, makeBuildTree, sandbox, type Sandbox } from "./vm.js";

async function withVm(name = "Test VM"): Promise<Sandbox> {
  const box = sandbox();
  expect(await box.vm("create", name, "-s", "1M")).toMatchObject({ code: 0, stdout: "" });
  return box;
}

/** A stand-in for QEMU on PATH, which writes its directory and its arguments: to see what `vm` starts, not what QEMU does. */
function recordingQemu(box: Sandbox): { PATH: string; RECORD: string } {
  const directory = join(box.root, "bin");
  mkdirSync(directory);
  const path = join(directory, "qemu-system-x86_64");
  writeFileSync(path, `#!/bin/sh\n{ pwd; for word; do printf '%s\\n' "$word"; done; } > "$RECORD"\nexit 7\n`);
  chmodSync(path, 0o755);
  return { PATH: `${directory}:${process.env["PATH"]}`, RECORD: join(box.root, "record") };
}

function allFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).toSorted();
}

/** A recorded command line without the options by which `vm exec` and `vm stop` reach a run, and those. */
function withoutEntry(recorded: string): { readonly rest: string; readonly taken: readonly string[] } {
  const option = /^-(?:chardev|mon|device|smbios)\n[^\n]*vm-(?:entry-qmp|exec)[^\n]*\n/gm;
  return { rest: recorded.replaceAll(option, ""), taken: recorded.match(option) ?? [] };
}

describe("the script of --dry-run", () => {
  test("starts the very QEMU that the run starts, in the same directory, with the same exit code", async () => {
    const box = await withVm();
    makeBuildTree(join(box.cwd, "linux, mine"));
    const env = recordingQemu(box);
    const args = [
      "run",
      "Test VM",
      "-k",
      "linux, mine",
      "-a",
      'dyndbg="module x +p"',
      "--",
      "-name",
      "it's $HOME, `id`",
    ];
    const ran = await box.vmWith(env, ...args);
    expect(ran).toMatchObject({ code: 7, stdout: "" });
    const { rest: byRun, taken } = withoutEntry(readFileSync(env.RECORD, "utf8"));
    // Nobody finds what a script starts (docs/reach-into-guests.md): two sockets, a port with its bus, two credentials.
    expect(taken.map((words) => words.split("\n")[0])).toEqual(
      ["chardev", "mon", "chardev", "device", "device", "smbios", "smbios"].map((flag) => `-${flag}`),
    );
    const script = await box.vmWith(env, "run", "-n", ...args.slice(1));
    expect(script.code).toBe(0);
    writeFileSync(env.RECORD, "");
    writeFileSync(join(box.root, "script.sh"), script.stdout);
    const scripted = await box.sh(
      `PATH='${env.PATH}' RECORD='${env.RECORD}' sh '${join(box.root, "script.sh")}'`,
    );
    expect(scripted).toMatchObject({ code: 7, stderr: "" });
    expect(readFileSync(env.RECORD, "utf8")).toBe(byRun);
    expect(byRun).toContain(`\n-append\nroot=/dev/vda1 rw console=ttyS0,115200 dyndbg="module x +p"\n`);
    expect(byRun).toContain("\n-name\nit's $HOME, `id`\n");
  });

  test("is printed without touching anything", async () => {
    const box = await withVm();
    makeBuildTree(join(box.cwd, "linux"));
    const before = allFiles(box.root);
    expect(await box.vm("run", "Test VM", "-k", "linux", "-n")).toMatchObject({ code: 0 });
    expect(await box.vm("create", "Other", "-n")).toMatchObject({ code: 0 });
    expect(await box.vm("config", "Test VM", "-n")).toMatchObject({ code: 0 });
    expect(await box.vm("list", "-n")).toMatchObject({ code: 0 });
    expect(await box.vm("modules-package", "-o", "out", "-n")).toMatchObject({ code: 0 });
    expect(allFiles(box.root)).toEqual(before);
  });

  test("of commands that only tell something prints what they print", async () => {
    const box = await withVm();
    for (const args of [
      ["config", "Test VM"],
      ["list"],
      ["ls", "-q"],
      ["list", "--json"],
      ["info", "Test VM"],
    ]) {
      const told = await box.vm(...args);
      const script = await box.vm(...args, "-n");
      expect(await box.sh(script.stdout)).toEqual(told);
    }
  });
});

describe("what the person wrote is respected", () => {
  test("an -append after -- is the whole kernel command line", async () => {
    const box = await withVm();
    makeBuildTree(join(box.cwd, "linux"));
    const { stdout } = await box.vm("run", "Test VM", "-k", "linux", "-n", "--", "-append", "mine");
    expect(stdout.match(/-append/g)).toHaveLength(1);
    expect(stdout).toContain("-append mine");
  });

  test("an accelerator and a CPU after -- replace our own", async () => {
    const box = await withVm();
    const { stdout } = await box.vm(
      "run",
      "Test VM",
      "-n",
      "--",
      "-accel",
      "tcg,thread=single",
      "-cpu",
      "qemu64",
    );
    expect(stdout.match(/-accel/g)).toHaveLength(1);
    expect(stdout.match(/-cpu/g)).toHaveLength(1);
  });

  test("a flag that QEMU has dropped, or does not have yet, is named with what to write instead", async () => {
    const box = await withVm();
    const newest = recordingQemu(box);
    writeFileSync(
      join(box.root, "bin", "qemu-system-x86_64"),
      "#!/bin/sh\necho 'QEMU emulator version 11.1.3 (Debian 1:11.1.3+ds-1)'\n",
    );
    const flags = ["-no-acpi", "-soundhw", "hda", "-run-with", "user=me", "-old-param", "-S"];
    const { stderr } = await box.vmWith(newest, "run", "Test VM", "-n", "--", ...flags);
    expect(stderr.split("\n").filter((line) => line.includes("warning: -"))).toEqual([
      "vm: warning: -no-acpi is gone since QEMU 9.0, and this is 11.1.3; write -machine acpi=off instead",
      "vm: warning: -soundhw is gone since QEMU 7.1, and this is 11.1.3; write -audio DRIVER,model=NAME instead",
      "vm: warning: -old-param is gone since QEMU 10.2, and this is 11.1.3",
    ]);
    // And the real one, whichever it is, has long had no -tdf.
    const real = await box.vm("run", "Test VM", "-n", "--", "-tdf", "-enble-kvm");
    expect(real.stderr).toMatch(/warning: -tdf is gone since QEMU 2\.12, and this is \d+\.\d+/);
    expect(real.stderr).toContain("-enble-kvm is no flag of a QEMU known here; did you mean -enable-kvm?");
  });

  test("relative paths after -- are relative to where the person stands", async () => {
    const box = await withVm();
    const { stdout } = await box.vm("run", "Test VM", "-n", "--", "-boot", "d", "arch.iso", "-no-reboot");
    expect(stdout).toContain(`'${join(box.cwd, "arch.iso")}'`);
  });

  test("a kernel's name is looked up in the configured builds directory", async () => {
    const box = await withVm();
    const tree = makeBuildTree(join(box.root, "builds/next"));
    mkdirSync(join(box.root, ".config/vm"), { recursive: true });
    writeFileSync(join(box.root, ".config/vm/config.json"), JSON.stringify({ builds: "~/builds" }));
    const { stdout, code } = await box.vm("run", "Test VM", "-k", "next", "-n");
    expect(code).toBe(0);
    expect(stdout).toContain(join(tree, "arch/x86/boot/bzImage"));
  });
});

describe("bad input", () => {
  test("no QEMU installed is said with the package to install", async () => {
    const box = await withVm();
    const ended = await box.vmWith({ PATH: join(box.root, "empty") }, "run", "Test VM");
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("apt install qemu-system-x86") });
  });

  test("-k that names nothing, a file, a directory or a source tree never built says so", async () => {
    const box = await withVm();
    writeFileSync(join(box.cwd, "file"), "");
    mkdirSync(join(box.cwd, "directory"));
    for (const [kernel, complaint] of [
      ["nothing", "no kernel build"],
      ["./nothing", "there is no such directory"],
      ["file", "is a file"],
      ["directory", "is not a kernel build tree"],
    ] as const) {
      const ended = await box.vm("run", "Test VM", "-k", kernel);
      expect(ended).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(complaint) });
      expect(ended.stderr).not.toMatch(/\n\s+at /);
    }
  });

  test("the script keeps its index where the person's cache is", async () => {
    const box = await withVm();
    makeBuildTree(join(box.cwd, "linux"));
    const cache = join(box.root, "the cache");
    const { stdout } = await box.vmWith({ VM_CACHE_HOME: cache }, "run", "Test VM", "-k", "linux", "-n");
    expect(stdout).toContain(`env 'VM_CACHE_HOME=${cache}'`);
  });

  test("an initrd that is missing, or is a directory, is named", async () => {
    const box = await withVm();
    makeBuildTree(join(box.cwd, "linux"));
    const ended = await box.vm("run", "Test VM", "-k", "linux", "-i", "no such");
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining(join(box.cwd, "no such")) });
    const directory = await box.vm("run", "Test VM", "-k", "linux", "-i", ".");
    expect(directory).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${box.cwd} cannot be read`),
    });
  });

  test("a VM that already runs is not run again: it is said who runs it", async () => {
    const box = await withVm();
    const env = recordingQemu(box);
    const started = join(box.root, "started");
    writeFileSync(
      join(box.root, "bin/qemu-system-x86_64"),
      `#!/bin/sh\ntouch '${started}'\nwhile ! [ -e '${started}.end' ]; do sleep 0.05; done\n`,
    );
    const first = box.vmWith(env, "run", "Test VM");
    await box.sh(`while ! [ -e '${started}' ]; do sleep 0.05; done`);
    const second = await box.vmWith(env, "run", "Test VM");
    expect(second).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Test VM is already running \(pid \d+, since .*vm run Test VM/),
    });
    await box.sh(`touch '${started}.end'`);
    expect(await first).toMatchObject({ code: 0 });
    expect(await box.vmWith(env, "run", "Test VM")).toMatchObject({ code: 0 });
  });
});

describe("a file that is none", () => {
  test.each([
    ["-i", ["run", "Test VM", "-k", "linux", "-i", "fifo"]],
    ["a test", ["test", "-k", "linux", "fifo"]],
    ["-k", ["run", "Test VM", "-k", "fifo"]],
    ["-k of a dry run", ["run", "Test VM", "-n", "-k", "./fifo"]],
    ["vm kernel", ["kernel", "./fifo"]],
    ["vm kconfig check", ["kconfig", "check", "./fifo"]],
  ] as const)("%s: an error at once", async (_, args) => {
    const box = await withVm();
    makeBuildTree(join(box.cwd, "linux"));
    await box.sh("mkfifo fifo");
    const ended = await box.vm(...args);
    expect(ended.code).not.toBe(0);
    expect(ended.stderr).toMatch(/a FIFO where a file is expected|neither a file nor a directory/);
  });

  test.each([["run"], ["test"]])("vm %s --busybox: also where no initramfs is needed", async (command) => {
    const box = await withVm();
    makeBuildTree(join(box.cwd, "linux"));
    await box.sh("mkfifo fifo");
    for (const path of ["fifo", ".", "no such"]) {
      const ended = await box.vm(command, "-k", "linux", "--exec", "true", "-n", "--busybox", path);
      expect(ended).toMatchObject({ code: 2, stdout: "" });
      expect(ended.stderr).toContain(`--busybox: there is no file ${join(box.cwd, path)}`);
    }
  });
});

test.each([
  ["--root", "none", 2],
  ["--rw", "none", 2],
  ["-m", "much", 2],
  ["-c", "many", 2],
  ["-j", "0", 2],
  ["--timeout", "soon", 2],
  ["--fail-on", "all", 2],
  ["--network", "wide", 2],
])("a dry run of vm test refuses the %s that the run would refuse", async (flag, value, code) => {
  const box = await withVm();
  makeBuildTree(join(box.cwd, "linux"));
  const ended = await box.vm("test", "-k", "linux", "--exec", "true", "-n", flag, value);
  expect(ended).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(value) });
});

test.each([
  ["-append", "quiet"],
  ["-append", 'x="y'],
  ["-kernel", "other"],
  ["-machine", "q35,kernel=other"],
  ["-initrd", "other"],
])(
  "a guest of vm's own is refused a %s %s, which QEMU would take in the place of ours",
  async (...option) => {
    const box = await withVm();
    makeBuildTree(join(box.cwd, "linux"));
    const words = ["run", "-k", "linux", "--exec", "true"];
    for (const more of [[], ["-n"]]) {
      const ended = await box.vm(...words, ...more, "--", ...option);
      expect(ended).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("of your own") });
    }
    expect(await box.vm(...words, "--bisect", "--", ...option)).toMatchObject({ code: 128, stdout: "" });
    expect(await box.vm("run", "-k", "linux", "-n", "--", ...option)).toMatchObject({ code: 2, stdout: "" });
  },
);

describe("a word that is forgotten", () => {
  test.each([["linux"], ["./linux"], ["linux/arch/x86/boot/bzImage"], ["git:v6.12"]])(
    "vm run %s asks for -k, also with a command",
    async (kernel) => {
      const box = await withVm("linix");
      makeBuildTree(join(box.cwd, "linux"));
      for (const more of [[], ["--exec", "true"]]) {
        const ended = await box.vm("run", kernel, ...more);
        expect(ended.stderr).toContain(`Did you mean \`vm run -k ${kernel}\`?`);
      }
    },
  );

  test("vm run of what is neither has the hint that it had", async () => {
    const box = await withVm("TestVM");
    mkdirSync(join(box.cwd, "TestVN"));
    expect((await box.vm("run", "TestVN")).stderr).toContain('Did you mean "TestVM"?');
  });
});

describe("a disk that nothing was written to", () => {
  test("is told, where there is nothing else to boot", async () => {
    const box = await withVm("TestVM");
    const env = recordingQemu(box);
    const blank = "warning: root.qcow2 is empty, and TestVM has nothing else to boot from";
    expect((await box.vmWith(env, "run", "TestVM")).stderr).toContain(blank);
    const others = [
      ["--", "-cdrom", "a.iso"],
      ["--", "-boot", "n"],
      ["--", "-drive", "file=a.img"],
    ];
    for (const more of others)
      expect((await box.vmWith(env, "run", "TestVM", ...more)).stderr).not.toContain(blank);
    makeBuildTree(join(box.cwd, "linux"));
    expect((await box.vmWith(env, "run", "TestVM", "-k", "linux")).stderr).not.toContain(blank);
  });
});

test("With no PATH at all programs are found where a shell finds them", async () => {
  const box = await withVm("TestVM");
  const ended = await box.sh(`unset PATH; exec ${process.execPath} ${bin} run TestVM -n`);
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/exec \S+\/qemu-/) });
});
