import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { createVmHome, runProgram, type VmHome } from "../guest/vm-home.js";

const HELLO = fileURLToPath(new URL("../../modules/hello", import.meta.url));

let fixture: KernelFixture;
let home: VmHome;
/** A copy of modules/hello, compiled with debug information. */
let hello: string;

beforeAll(async () => {
  fixture = await kernelFixture();
  home = createVmHome();
  hello = mkdtempSync(join(tmpdir(), "vm-hello-"));
  cpSync(HELLO, hello, { recursive: true });
  execFileSync("make", ["-C", fixture.build, `M=${hello}`, "KCFLAGS=-g", "modules"], { stdio: "ignore" });
});
afterAll(() => {
  home.remove();
  rmSync(hello, { recursive: true, force: true });
});

/** The line of hello.c with that text, from 1. */
function lineOf(text: string): number {
  return (
    readFileSync(join(hello, "hello.c"), "utf8")
      .split("\n")
      .findIndex((line) => line.includes(text)) + 1
  );
}

test("an oops in a guest is told with its file and line, in the terminal, in the reports and by vm decode", async () => {
  const file = (name: string): string => join(hello, name);
  const command = `insmod ${file("hello.ko")} mode=oops`;
  const reports = ["--report", file("r.json"), "--junit", file("r.xml"), "--console", file("console.log")];
  const run = await home.run("run", "-k", fixture.build, ...reports, "--exec", command);
  const place = `read_nowhere\\+0x[0-9a-f]+/0x[0-9a-f]+ \\[hello\\] \\(\\S*hello\\.c:${lineOf("READ_ONCE")}\\)`;
  expect(run.stderr).toMatch(
    new RegExp(`^BUG: kernel NULL pointer dereference, address: 0000000000000008\n  at ${place}\n`, "m"),
  );
  expect(run.stderr).toMatch(new RegExp(`RIP: 0010:${place}`));
  // The instruction before the return address is the call.
  expect(run.stderr).toMatch(
    new RegExp(`hello_init\\+\\S+ \\[hello\\] \\(\\S*hello\\.c:${lineOf("read_nowhere();")}\\)`),
  );
  expect(run.stderr).toMatch(/\.\.\. \d+ lines of registers and code bytes \(--full\)/);
  expect(run.stderr).toMatch(/taint +before: OOT_MODULE; after: OOT_MODULE, DIE/);
  expect(run.stderr).toMatch(/again +vm run -k .* --exec 'insmod .* mode=oops'/);
  const report: unknown = JSON.parse(readFileSync(file("r.json"), "utf8"));
  const found = { symbol: "read_nowhere", module: "hello", certain: true };
  expect(report).toMatchObject({
    failure: {
      reports: [
        {
          kind: "oops",
          place: { ...found, places: [{ file: file("hello.c") }] },
          frames: expect.arrayContaining([expect.objectContaining(found)]),
        },
      ],
    },
  });
  expect(readFileSync(file("r.xml"), "utf8")).toMatch(
    new RegExp(
      `<failure message="BUG: kernel NULL pointer dereference, address: 0000000000000008, at ${place}"`,
    ),
  );

  expect(readFileSync(file("r.xml"), "utf8")).toMatch(/again +vm run -k .* --exec .insmod .* mode=oops/);

  const decoded = await home.run(
    "decode",
    "--quiet",
    file("console.log"),
    "-k",
    fixture.build,
    "--module",
    hello,
  );
  expect(decoded.stdout).toMatch(new RegExp(`^  at ${place}$`, "m"));
  expect(decoded.stderr).toBe("");

  // Without debug information one line says which option gives it.
  const image = file("bzImage");
  copyFileSync(join(fixture.build, "arch/x86/boot/bzImage"), image);
  execFileSync("objcopy", ["--strip-debug", join(fixture.build, "vmlinux"), file("vmlinux")]);
  const bare = await home.run("decode", "--quiet", file("console.log"), "-k", image, "--module", hello);
  expect(linesOf(bare.stderr)).toEqual([
    expect.stringContaining("CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT=y"),
  ]);

  // Its functions in .init.text get another function's line of the kernel's own script, which does not know the sections apart.
  const input = readFileSync(file("console.log"), "utf8").split("\n");
  expectSameFrames(withoutInit(input), withoutInit(linesOf(decoded.stdout)), { modules: hello });
});

test("a kernel at a random address: each frame of the kernel and of a module as its own script has it, and by address", async () => {
  const directory = join(hello, "moved");
  mkdirSync(directory);
  // Out of its tree, which would be started as a vmlinux, at the address that it was linked for.
  copyFileSync(join(fixture.build, "arch/x86/boot/bzImage"), join(directory, "bzImage"));
  symlinkSync(join(fixture.build, "vmlinux"), join(directory, "vmlinux"));
  const lkdtm = join(fixture.build, "drivers/misc/lkdtm/lkdtm.ko");
  const image = join(directory, "bzImage");
  const log = join(directory, "console.log");
  const script = [
    `insmod ${lkdtm}`,
    "mount -t debugfs d /sys/kernel/debug || true",
    "echo WARNING > /sys/kernel/debug/provoke-crash/DIRECT",
    "echo c > /proc/sysrq-trigger",
  ].join("; ");
  const run = await home.run("run", "-k", image, "--console", log, "--exec", script);
  expect(run.stderr).toMatch(/^ {2}at lkdtm_WARNING\S+ \[lkdtm\] \(drivers\/misc\/lkdtm\/bugs.c:\d+\)$/m);
  const input = readFileSync(log, "utf8").split("\n");
  const offset = /Kernel Offset: (0x[0-9a-f]+) from/.exec(input.join("\n"))?.[1] ?? "";
  expect(BigInt(offset)).toBeGreaterThan(0n);
  const decoded = await home.run("decode", log, "-k", image, "--module", lkdtm);
  expect(expectSameFrames(input, linesOf(decoded.stdout), { modules: join(lkdtm, "..") })).toBeGreaterThan(
    20,
  );

  // The same stack as a kernel without CONFIG_KALLSYMS writes it.
  const bases = new Map(
    [
      ...execFileSync("nm", [join(directory, "vmlinux")], { encoding: "utf8", maxBuffer: 1 << 26 }).matchAll(
        /^(\S+) [tT] (\S+)$/gm,
      ),
    ]
      .toReversed()
      .map(([, address = "", name = ""]) => [name, BigInt(`0x${address}`)] as const),
  );
  const panic = input.slice(input.findIndex((line) => line.includes("Kernel panic - not syncing")));
  const named = panic.filter((line) => FRAME.test(line));
  expect(named.length).toBeGreaterThan(5);
  const bare = panic.map((line) =>
    line.replace(FRAME, (_, name: string, at: string) => {
      return `0x${((bases.get(name) ?? 0n) + BigInt(at) + BigInt(offset)).toString(16)}`;
    }),
  );
  writeFileSync(log, bare.join("\n"));
  const byAddress = await home.run("decode", log, "-k", image);
  const stampedLines = (text: string): string[] => linesOf(text).filter((line) => line.startsWith("  ["));
  const found = stampedLines(byAddress.stdout).filter(
    (line) => / 0xffffffff/.test(line) && !line.includes("Kernel Offset"),
  );
  const expected = stampedLines(decoded.stdout).filter((line) => FRAME.test(line));
  expect(found.filter((line) => placesIn(line).length > 0)).toHaveLength(named.length);
  expect(found.map(placesIn)).toEqual(expected.slice(-named.length).map(placesIn));
});

test("a panic of a VM on this terminal is told when QEMU has ended, behind all that it wrote", async () => {
  await home.run("create", "T", "-m", "256M", "-s", "1M");
  const console = join(hello, "vm-console.log");
  // A kernel that is emulated on a busy machine may else end in its test of the timer.
  const parameters = "panic=-1 no_timer_check";
  const words = ["run", "T", "-k", fixture.build, "-a", parameters, "--console", console];
  const extra = ["--", "-no-reboot"];
  const run = await home.run(...words, ...extra);
  expect(run.status).toBe(0);
  const panic = "Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block\\(\\d+,\\d+\\)";
  expect(run.stderr).toMatch(new RegExp(`^${panic}\n  at \\S+ \\(init/\\S+:\\d+\\)\n\n  ${panic}\n`, "m"));
  expect(run.stderr).toMatch(/ \? mount_root_generic\+\S+ \(init\/do_mounts\.c:\d+\)/);
  expect(run.stderr).toMatch(
    new RegExp(`kernel  ${fixture.release}\\b[^]*again   vm run T -k .* -- -no-reboot\n`),
  );
  // What QEMU wrote went where it was meant to go.
  expect(run.stdout).toMatch(/Linux version [^]*Kernel panic - not syncing[^]*Kernel Offset: /);
  expect(readFileSync(console, "utf8")).toBe(run.stdout);

  // The disk's own kernel is not at hand: the same report, without lines.
  const own = await home.run(
    "run",
    "T",
    "--",
    "-no-reboot",
    "-kernel",
    join(fixture.build, "vmlinux"),
    "-append",
    `${parameters} console=ttyS0`,
  );
  expect(own.stderr).toMatch(new RegExp(`^${panic}\n  at \\S+\n`, "m"));
  expect(own.stderr).toMatch(new RegExp(`^  kernel  ${fixture.release}$`, "m"));
  expect(own.stderr).toContain("the kernel is the VM's own: its stacks are shown without lines");

  const script = await home.run(...words, "-n", ...extra);
  expect(script.stdout.replaceAll(/ \\\n[ #]*/g, " ")).toMatch(
    /^ {2}# exec \S+qemu-system-x86_64 .*\n(?: .*\n)* {2}exec \S+ \S+ run T -k .* --console .* -- -no-reboot$/m,
  );
});

test("the debug package beside a kernel's package gives the lines, and is unpacked when a report asks for them", async () => {
  const packages = join(hello, "packages");
  const { release } = fixture;
  /** @param files from the build, and where each is in the package */
  const pack = (name: string, files: Readonly<Record<string, string>>): string => {
    const root = join(packages, name);
    mkdirSync(join(root, "DEBIAN"), { recursive: true });
    const facts = ["Version: 1", "Architecture: amd64", "Maintainer: nobody <nobody@localhost>"];
    const control = [`Package: ${name}`, ...facts, "Description: none", ""];
    writeFileSync(join(root, "DEBIAN/control"), control.join("\n"));
    for (const [from, to] of Object.entries(files)) {
      mkdirSync(dirname(join(root, to)), { recursive: true });
      copyFileSync(join(fixture.build, from), join(root, to));
    }
    const file = join(packages, `${name}_1_amd64.deb`);
    execFileSync("dpkg-deb", ["-Znone", "--build", root, file], { stdio: "ignore" });
    rmSync(root, { recursive: true });
    return file;
  };
  const kernel = pack(`linux-image-${release}`, {
    "arch/x86/boot/bzImage": `boot/vmlinuz-${release}`,
    "drivers/net/dummy.ko": `lib/modules/${release}/kernel/dummy.ko`,
  });
  const log = join(packages, "log");
  writeFileSync(log, "Kernel panic - not syncing: none\nCall Trace:\n kernel_init+0x10/0x1000\n");
  const without = await home.run("decode", log, "-k", kernel);
  expect(without.stdout).toContain("  at kernel_init+0x10/0x1000\n");
  expect(without.stderr).toContain("no vmlinux is beside");
  pack(`linux-image-${release}-dbg`, { vmlinux: `usr/lib/debug/boot/vmlinux-${release}` });
  const decoded = await home.run("decode", log, "-k", kernel);
  expect(decoded.stdout).toMatch(/^ {2}at kernel_init\+0x10\/0x1000 \(init\/main\.c:\d+\)$/m);
  expect(decoded.stderr).toMatch(/unpacking linux-image-\S+-dbg_1_amd64\.deb/);
  expect(decoded.stderr).not.toContain("no vmlinux");
});

test("a panic of the kernel that installs is told first and with its lines, and the command that is to be run again is the person's", async () => {
  const programs = join(hello, "programs");
  mkdirSync(programs);
  // In the guest, whose root this machine's is.
  const pacman =
    "#!/bin/sh\ngrep -q printk.ignore_loglevel /proc/cmdline && echo c >/proc/sysrq-trigger\nexit 1\n";
  writeFileSync(join(programs, "pacman"), pacman, { mode: 0o755 });
  const file = (name: string, text: string): string => {
    writeFileSync(join(hello, name), text);
    return join(hello, name);
  };
  const configuration = file("pacman.conf", "[options]\n[core]\nServer = file:///nowhere\n");
  const place = [
    "--bootstrap",
    "-k",
    fixture.build,
    "--pacman-conf",
    configuration,
    "-s",
    "64M",
    "-m",
    "512M",
  ];
  const log = ["--log", join(hello, "install.log"), "--full"];
  const small = ["--root-password-file", file("password", "secret\n"), "--no-xfstests", "--no-development"];
  const words = ["install", "Installed", ...place, ...small, ...log];
  // What an earlier guest said is none of this one's.
  file("install.console.log", "Kernel panic - not syncing: long ago\n");
  const env = { ...home.env, PATH: `${programs}:${process.env["PATH"] ?? ""}` };
  const { status, stderr } = await runProgram(home.vm(...words), { env });
  expect(status).toBe(250);
  const panic = "Kernel panic - not syncing: sysrq triggered crash";
  const at = "sysrq_handle_crash\\S+ \\(drivers/tty/sysrq\\.c:\\d+\\)";
  expect(stderr).toMatch(
    new RegExp(`^${panic}\n  at ${at}\n\n  \\[.*\\] ${panic}\n[^]*\n  kernel  ${fixture.release}\\b`, "m"),
  );
  expect(stderr).not.toContain("(--full)");
  expect(stderr).toContain(`  again   vm ${words.join(" ")}\n`);
  expect(stderr.match(/again {3}/g)).toHaveLength(1);
  expect(stderr).toMatch(
    new RegExp(`\nvm: the last lines of the log:[^]*\nvm: the guest's kernel failed: ${panic}\n`),
  );
  expect(stderr.indexOf("the last lines of the log")).toBeGreaterThan(stderr.indexOf("again   "));
  expect(stderr).not.toContain("long ago");
});

const FRAME = /([\w.]+)\+(0x[0-9a-f]+)\/0x[0-9a-f]+/;

test("the frames of arm64 are those of the kernel's own script", async () => {
  const directory = join(hello, "arm64");
  mkdirSync(join(directory, "init"), { recursive: true });
  const functions = ["kernel_init", "el1_abort", "do_one_initcall"];
  // What stands for a kernel is assembled, each instruction a line: a cross compiler is larger than all else that the tests need.
  const source = [
    ".text",
    ...functions.flatMap((name) => [
      `.globl ${name}`,
      `.type ${name}, %function`,
      `${name}:`,
      ..."nop nop bl(kernel_init) nop ret"
        .split(" ")
        .map((word) => `\t${word.replace("(", " ").replace(")", "")}`),
      `.size ${name}, . - ${name}`,
    ]),
    ".section .rodata",
    '.asciz "Linux version 7.2.13 (vm@vm) #1 SMP"',
    "",
  ];
  writeFileSync(join(directory, "init/main.c"), source.join("\n"));
  const cross = "aarch64-linux-gnu-";
  const vmlinux = join(directory, "vmlinux");
  execFileSync(`${cross}as`, ["-g", "-o", join(directory, "main.o"), join(directory, "init/main.c")]);
  const link = ["-Ttext=0xffff800080010000", "-e", "kernel_init", "-o", vmlinux, join(directory, "main.o")];
  execFileSync(`${cross}ld`, link);
  const log = [
    "Internal error: Oops: 0000000096000045 [#1]  SMP",
    "CPU: 0 UID: 0 PID: 46 Comm: sh Not tainted 7.2.13 #1 PREEMPT",
    "pc : el1_abort+0x8/0x14",
    "lr : do_one_initcall+0xc/0x14",
    "Call trace:",
    " el1_abort+0xc/0x14 (P)",
    " do_one_initcall+0xc/0x14 (L)",
    " kernel_init+0x10/0x14",
    "---[ end trace 0000000000000000 ]---",
  ];
  writeFileSync(join(directory, "log"), log.join("\n"));
  const decoded = await home.run("decode", "--quiet", join(directory, "log"), "-k", vmlinux);
  expect(decoded.stderr).toBe("");
  const frames = log.filter((line) => FRAME.test(line));
  const script = join(fixture.source, "scripts/decode_stacktrace.sh");
  const byScript = (line: string): string =>
    execFileSync("bash", [script, ...(line.startsWith("pc : ") ? ["-R"] : []), vmlinux], {
      input: `${line}\n`,
      encoding: "utf8",
      env: { ...process.env, CROSS_COMPILE: cross },
    });
  const expected = frames.map(byScript).map(placesIn);
  expect(expected.flat()).toHaveLength(frames.length);
  expect(
    linesOf(decoded.stdout)
      .filter((line) => FRAME.test(line) && !line.startsWith("  at "))
      .map(placesIn),
  ).toEqual(expected);
});

function withoutInit(lines: readonly string[]): string[] {
  return lines.filter((line) => !line.includes("hello_init+"));
}

function isFrame(line: string): boolean {
  return FRAME.test(line) && !line.includes("WARNING: ");
}

function isInstruction(line: string): boolean {
  return line.includes("RIP: 0010:");
}

/** Compares what `vm decode` says of each frame with what the kernel's own script says, and says how many there were. */
function expectSameFrames(
  input: readonly string[],
  ours: readonly string[],
  { modules }: { readonly modules: string },
): number {
  const script = join(fixture.source, "scripts/decode_stacktrace.sh");
  const decodeByScript = (lines: readonly string[], ...flags: readonly string[]): string[] =>
    execFileSync("bash", [script, ...flags, join(fixture.build, "vmlinux"), "/", modules], {
      input: `${lines.join("\n")}\n`,
      encoding: "utf8",
    })
      .trimEnd()
      .split("\n");
  const frames = input.filter(isFrame);
  // It takes the instruction of RIP for a call, but with -R.
  const instructions = decodeByScript(frames.filter(isInstruction), "-R");
  const calls = decodeByScript(frames.filter((line) => !isInstruction(line)));
  const own = ours.filter((line) => line.startsWith("  [") && isFrame(line));
  // By name first: which one is missing, or is there twice, says more than that there are not as many.
  expect(own.map(nameIn)).toEqual(frames.map(nameIn));
  expect(own.filter(isInstruction).map(placesIn)).toEqual(instructions.map(placesIn));
  expect(own.filter((line) => !isInstruction(line)).map(placesIn)).toEqual(calls.map(placesIn));
  return frames.length;
}

function linesOf(text: string): string[] {
  return text.trimEnd().split("\n");
}

/** `hello_init+0x12/0x90` */
function nameIn(line: string): string {
  return FRAME.exec(line)?.[0] ?? "";
}

/** The files and lines of a decoded line, without the directories. */
function placesIn(line: string): string[] {
  return [...line.matchAll(/([^/\s(]+\.[chS]:\d+)/g)].map(([, place]) => place ?? "");
}

test("all functions of a program stand for the same lines as the kernel's own script says", async () => {
  const directory = join(hello, "compiled");
  mkdirSync(join(directory, "init"), { recursive: true });
  const text = `static inline __attribute__((always_inline)) int twice(volatile int *p)
{
	return *p + *p;
}
__attribute__((noinline)) int third(volatile int *p) { return twice(p) + 3; }
__attribute__((noinline)) int second(volatile int *p)
{
	int sum = third(p);
	sum += twice(p);
	return sum;
}
__attribute__((noinline)) void kernel_init(void) { second((int *)8); __asm__ volatile(""); }
void _start(void) { kernel_init(); }
`;
  writeFileSync(join(directory, "init/main.c"), text);
  const vmlinux = join(directory, "vmlinux");
  execFileSync("gcc", [
    "-O2",
    "-g",
    "-no-pie",
    "-fno-pie",
    "-nostdlib",
    "-o",
    vmlinux,
    join(directory, "init/main.c"),
  ]);
  // The kernel's image with its vmlinux beside it.
  cpSync(join(fixture.build, "arch/x86/boot/bzImage"), join(directory, "bzImage"));
  const sizes = execFileSync("nm", ["-S", vmlinux], { encoding: "utf8" });
  const frames = ["third", "second", "kernel_init"].flatMap((name) => {
    const size = Number.parseInt(new RegExp(`^\\S+ (\\S+) T ${name}$`, "m").exec(sizes)?.[1] ?? "", 16);
    return Array.from(
      { length: size },
      (_, offset) => ` ${name}+0x${offset.toString(16)}/0x${size.toString(16)}`,
    );
  });
  expect(frames.length).toBeGreaterThan(20);
  const log = join(directory, "log");
  writeFileSync(log, `${frames.join("\n")}\n`);
  const ours = await home.run("decode", log, "-k", join(directory, "bzImage"));
  const script = join(fixture.source, "scripts/decode_stacktrace.sh");
  const theirs = execFileSync("bash", [script, vmlinux], {
    input: `${frames.join("\n")}\n`,
    encoding: "utf8",
  });
  expect(linesOf(ours.stdout).map(placesIn)).toEqual(linesOf(theirs).map(placesIn));
});
