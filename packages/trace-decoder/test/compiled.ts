import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KernelBuild } from "@vm/kernel-build";
import { onTestFinished } from "vitest";

const kernel = `static inline __attribute__((always_inline)) int inner(volatile int *p)
{
	return *p;
}
__attribute__((noinline)) int outer(volatile int *p)
{
	int sum = 1;
	sum += inner(p);
	return sum + *p;
}
__attribute__((noinline, noreturn)) void stop(void) { for (;;) ; }
__attribute__((noinline, section(".text.pair"))) void crash(void) { stop(); }
__attribute__((noinline, section(".text.pair"), aligned(1))) void behind_crash(void) { __asm__ volatile(""); }
__attribute__((noinline)) void kernel_init(void) { __asm__ volatile(""); }
void _start(void) { kernel_init(); outer((int *)8); crash(); behind_crash(); }
`;

// Each function on a line of its own: compilers differ in which of its lines its first instruction is of.
const module = `__attribute__((noinline)) int usual(volatile int *p) { return *p + 1; }
__attribute__((noinline, section(".init.text"))) int initial(volatile int *p) { return *p + 2; }
`;

export interface CompiledKernel {
  readonly build: KernelBuild;
  readonly directory: string;
  /** As the kernel writes a place: its size reaches to the next symbol. */
  readonly place: (symbol: string, offset: number) => string;
}

/** What stands for a kernel with a module, compiled by this machine's compiler. @param debug `-g`, or `-g0` for none */
export function compileKernel(debug: "-g" | "-g0"): CompiledKernel {
  const directory = mkdtempSync(join(tmpdir(), "vm decode, "));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const files = { "init/main.c": kernel, "drivers/sample-module.c": module };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  const gcc = (...words: string[]): void => {
    execFileSync(
      "gcc",
      [
        "-O2",
        debug,
        "-fno-pie",
        "-no-pie",
        "-fcf-protection=none",
        "-nostdlib",
        "-fno-omit-frame-pointer",
        ...words,
      ],
      {
        cwd: directory,
      },
    );
  };
  gcc("-o", "vmlinux", join(directory, "init/main.c"));
  gcc("-c", "-o", "drivers/sample-module.ko", join(directory, "drivers/sample-module.c"));
  writeFileSync(join(directory, "modules.order"), "drivers/sample-module.o\n");
  const build: KernelBuild = {
    kind: "build-tree",
    tree: directory,
    image: join(directory, "bzImage"),
    configFile: join(directory, ".config"),
    release: "7.2.0",
    arch: process.arch === "arm64" ? "aarch64" : "x86_64",
    modules: "built",
    options: {},
    warnings: [],
  };
  return {
    build,
    directory,
    place: (symbol, offset) => `${symbol}+0x${offset.toString(16)}/0x1000`,
  };
}
