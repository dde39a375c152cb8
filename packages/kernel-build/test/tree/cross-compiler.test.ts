import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { crossCompile, installedCrossCompile } from "@vm/kernel-build";

/** A PATH with these programs and no others. */
function pathWith(...programs: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), "vm-cross-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const name of programs) {
    writeFileSync(join(directory, name), "");
    chmodSync(join(directory, name), 0o755);
  }
  return `/nowhere:${directory}`;
}

test("the compiler that is installed gives the prefix, the usual one first", () => {
  const PATH = pathWith("aarch64-linux-gnu-gcc", "arm-linux-gnu-gcc", "arm-linux-gnueabi-gcc");
  expect(crossCompile("arm64", { env: { PATH }, host: "x86_64" })).toBe("aarch64-linux-gnu-");
  expect(crossCompile("aarch64", { env: { PATH }, host: "x86_64" })).toBe("aarch64-linux-gnu-");
  expect(crossCompile("arm", { env: { PATH }, host: "x86_64" })).toBe("arm-linux-gnueabi-");
});

test("none is given for the host's own, for the other kind of PC, for an unknown one, and where the person says it", () => {
  const env = { PATH: pathWith() };
  expect(crossCompile("x86_64", { env, host: "x86_64" })).toBeUndefined();
  expect(crossCompile("i386", { env, host: "x86_64" })).toBeUndefined();
  expect(crossCompile("", { env, host: "x86_64" })).toBeUndefined();
  expect(crossCompile("xtensa", { env, host: "x86_64" })).toBeUndefined();
  for (const name of ["CROSS_COMPILE", "LLVM", "CC"]) {
    expect(crossCompile("arm64", { env: { ...env, [name]: "1" }, host: "x86_64" })).toBeUndefined();
  }
});

test("a missing one is an error that names the packages, or is done without", () => {
  const env = { PATH: pathWith("gcc") };
  expect(() => crossCompile("riscv", { env, host: "x86_64" })).toThrow(
    expect.objectContaining({
      code: "CROSS_COMPILER_MISSING",
      message: "there is no compiler for riscv64 in PATH: no riscv64-linux-gnu-gcc",
      hint: expect.stringMatching(/Debian: gcc-riscv64-linux-gnu, .*LLVM=1/),
    }),
  );
  expect(() => crossCompile("ppc64el", { env, host: "x86_64" })).toThrow(
    "no powerpc64le-linux-gnu-gcc, no ppc64le-linux-gnu-gcc",
  );
  expect(installedCrossCompile("riscv", { env, host: "x86_64" })).toBeUndefined();
});
