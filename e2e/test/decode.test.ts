import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { createVmHome, type VmHome } from "../guest/vm-home.js";

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

  const decoded = await home.run("decode", file("console.log"), "-k", fixture.build, "--module", hello);
  expect(decoded.stdout).toMatch(new RegExp(`^  at ${place}$`, "m"));
  expect(decoded.stderr).toBe("");

  // Without debug information one line says which option gives it.
  const image = file("bzImage");
  copyFileSync(join(fixture.build, "arch/x86/boot/bzImage"), image);
  execFileSync("objcopy", ["--strip-debug", join(fixture.build, "vmlinux"), file("vmlinux")]);
  const bare = await home.run("decode", file("console.log"), "-k", image, "--module", hello);
  expect(linesOf(bare.stderr)).toEqual([
    expect.stringContaining("CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT=y"),
  ]);

  // Frame by frame as the kernel's own script has it. It takes the instruction of RIP for a call, but with -R; and it does not know the
  // sections of a module apart, so that of .init.text it tells another function's line.
  const calls = decoded.stdout.split("\n").filter((line) => line.includes("RIP: "));
  const script = join(fixture.source, "scripts/decode_stacktrace.sh");
  const input = readFileSync(file("console.log"), "utf8")
    .split("\n")
    .filter((line) => line.includes("RIP: 0010:"));
  const theirs = execFileSync("bash", [script, "-R", join(fixture.build, "vmlinux"), "/", hello], {
    input: `${input.join("\n")}\n`,
    encoding: "utf8",
  });
  expect(calls.map(placesIn)).toEqual(theirs.trimEnd().split("\n").map(placesIn));
});

function linesOf(text: string): string[] {
  return text.trimEnd().split("\n");
}

/** The files and lines of a decoded line, without the directories. */
function placesIn(line: string): string[] {
  return [...line.matchAll(/([^/\s(]+\.c:\d+)/g)].map(([, place]) => place ?? "");
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
