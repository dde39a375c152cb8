import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseReports } from "@vm/kernel-report";
import { expect, onTestFinished, test } from "vitest";
import { openDecoder, withoutLines, type DecodedReport, type Decoder } from "../src/index.js";
import { compileKernel, type CompiledKernel } from "./compiled.js";

function decoderOf({ build }: CompiledKernel, modules: readonly string[] = []): Decoder {
  const decoder = openDecoder({ build, modules, env: process.env, hostArch: build.arch });
  onTestFinished(() => decoder.close());
  return decoder;
}

function reportOf(lines: readonly string[]): Parameters<Decoder["decode"]>[0] {
  const [report] = parseReports(["Oops: 0000 [#1] SMP", ...lines]);
  if (report === undefined) throw new Error("no report");
  return report;
}

/** The places of each frame, as `FUNCTION FILE:LINE`, the file below the sources. */
function placesOf({ lines }: DecodedReport, { directory }: CompiledKernel): string[][] {
  return lines
    .flatMap(({ frames }) => frames)
    .map(({ places }) =>
      places.map(({ function: name, file, line }) => `${name} ${file.slice(directory.length + 1)}:${line}`),
    );
}

test("a place in inlined code has the lines of all its functions, the innermost first", async () => {
  const kernel = compileKernel("-g");
  const decoder = decoderOf(kernel);
  const decoded = await decoder.decode(
    reportOf([`RIP: 0010:${kernel.place("outer", await offsetOfLoad(kernel))}`]),
  );
  expect(placesOf(decoded, kernel)).toEqual([["inner init/main.c:3", "outer init/main.c:8"]]);
  expect(decoded.place?.places).toHaveLength(2);
  expect(decoder.sources()).toBe(kernel.directory);
  expect(decoder.problems()).toEqual([]);
});

test("addresses of a kernel without names are found where its panic says that it was moved to", async () => {
  const kernel = compileKernel("-g");
  const moved = 0x2ec00000n;
  // As a kernel writes them, the low half of the address alone: a program is linked below.
  const address = addressOf(kernel, "outer") + BigInt(await offsetOfLoad(kernel));
  const decoder = decoderOf(kernel);
  const said = `RIP: 0010:0x${(0xffffffff00000000n + address + moved).toString(16)}`;
  const report = reportOf([
    said,
    `Kernel Offset: 0x${(0xffffffff00000000n + moved).toString(16)} from 0xffffffff81000000`,
  ]);
  const decoded = await decoder.decode(report);
  expect(placesOf(decoded, kernel)).toEqual([["inner init/main.c:3", "outer init/main.c:8"]]);
  expect(placesOf(await decoder.decode(reportOf([said]), 0xffffffff00000000n + moved), kernel)).toHaveLength(
    1,
  );
  expect(decoder.problems()).toEqual([]);
  expect(placesOf(await decoder.decode(reportOf([said])), kernel)).toEqual([[]]);
  expect(decoder.problems()).toMatchObject([{ code: "NO_OFFSET" }]);
});

function addressOf({ directory }: CompiledKernel, symbol: string): bigint {
  const names = execFileSync("nm", [join(directory, "vmlinux")], { encoding: "utf8" });
  return BigInt(`0x${new RegExp(`^([0-9a-f]+) T ${symbol}$`, "m").exec(names)?.[1] ?? ""}`);
}

/** Where the first read of `outer` is, as gdb's own table of lines says. */
async function offsetOfLoad({ directory }: CompiledKernel): Promise<number> {
  const vmlinux = join(directory, "vmlinux");
  const base = /^([0-9a-f]+) T outer$/m.exec(execFileSync("nm", [vmlinux], { encoding: "utf8" }))?.[1];
  const address = Number.parseInt(base ?? "", 16);
  for (let offset = 0; offset < 64; offset += 1) {
    const told = execFileSync("addr2line", ["-e", vmlinux, `0x${(address + offset).toString(16)}`], {
      encoding: "utf8",
    });
    if (/main\.c:3\b/.test(told)) return offset;
  }
  throw new Error("no address has line 3");
}

test("a module is found in the tree, and each of its sections has its own lines", async () => {
  const kernel = compileKernel("-g");
  const decoder = decoderOf(kernel);
  const decoded = await decoder.decode(
    reportOf([
      `RIP: 0010:${kernel.place("usual", 0)} [sample_module]`,
      "Call Trace:",
      ` ${kernel.place("initial", 1)} [sample_module]`,
    ]),
  );
  expect(placesOf(decoded, kernel)).toEqual([
    ["usual drivers/sample-module.c:1"],
    ["initial drivers/sample-module.c:2"],
  ]);
});

test("a module that is not of the tree is found where it is named", async () => {
  const other = compileKernel("-g");
  const line = ` ${other.place("usual", 1)} [sample_module]`;
  const report = reportOf(["Call Trace:", line]);
  const tree = compileKernel("-g");
  rmSync(join(tree.directory, "modules.order"));
  const without = decoderOf(tree);
  expect(placesOf(await without.decode(report), other)).toEqual([[]]);
  expect(without.problems().map(({ code }) => code)).toContain("NO_MODULE");
  for (const place of ["drivers", "drivers/sample-module.ko"]) {
    const decoded = await decoderOf(tree, [join(other.directory, place)]).decode(report);
    expect(placesOf(decoded, other)).toEqual([["usual drivers/sample-module.c:1"]]);
  }
});

test("many reports at once get their own answers, in whatever order they are asked", async () => {
  const kernel = compileKernel("-g");
  const decoder = decoderOf(kernel);
  const reports = Array.from({ length: 20 }, (_, index) =>
    reportOf([
      "Call Trace:",
      ...(index % 2 === 0 ? ["kernel_init", "outer"] : ["outer"]).map((name) => ` ${kernel.place(name, 0)}`),
    ]),
  );
  const decoded = await Promise.all(reports.map((report) => decoder.decode(report)));
  for (const [index, report] of decoded.entries()) {
    const names = placesOf(report, kernel).map((places) => places.at(-1)?.split(" ")[0]);
    expect(names).toEqual(index % 2 === 0 ? ["kernel_init", "outer"] : ["outer"]);
  }
});

test("a kernel without debug information: one line says which option gives it", async () => {
  const kernel = compileKernel("-g0");
  const decoder = decoderOf(kernel);
  const report = reportOf(["Call Trace:", ` ${kernel.place("outer", 1)}`, ` ${kernel.place("usual", 1)}`]);
  const decoded = await decoder.decode(report);
  expect(decoded.lines.map(({ raw }) => raw)).toEqual(report.lines.map(({ raw }) => raw));
  expect(decoder.problems()).toMatchObject([
    { code: "NO_DEBUG_INFO", hint: expect.stringContaining("CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT=y") },
  ]);
});

test("a call that does not return, the last of its function, is told as that function's, whose successor the kernel named", async () => {
  const kernel = compileKernel("-g");
  const stack = ["Call trace:", ` ${kernel.place("behind_crash", 0)}`, ` ${kernel.place("outer", 4)}`];
  const report = reportOf(stack);
  const { place, lines } = await decoderOf(kernel).decode(report);
  const told = place?.places.map(({ function: name, line }) => [name, line]);
  expect([place?.symbol, place?.offset, told]).toEqual(["crash", place?.size, [["crash", 12]]]);
  // The frame itself is as the kernel's own script has it.
  expect(lines.flatMap(({ frames }) => frames)[0]?.places).toMatchObject([
    { function: "behind_crash", line: 13 },
  ]);
  // Who cannot look into the kernel names the next call that is named after its own function.
  expect(withoutLines(report).place?.symbol).toBe("outer");
  const [only] = [withoutLines(reportOf(stack.slice(0, 2)))];
  expect(only?.place?.symbol).toBe("behind_crash");
});

test("a report of another kernel gets no lines of this one", async () => {
  const kernel = compileKernel("-g");
  const decoder = decoderOf(kernel);
  const decoded = await decoder.decode(
    reportOf([
      "CPU: 0 UID: 0 PID: 46 Comm: insmod Tainted: G           O        6.12.1-arch #1 PREEMPTLAZY",
      `RIP: 0010:${kernel.place("outer", 1)}`,
    ]),
  );
  expect(placesOf(decoded, kernel)).toEqual([[]]);
  expect(decoder.problems()).toMatchObject([
    { code: "OTHER_KERNEL", message: expect.stringContaining("6.12.1-arch") },
  ]);
});

test("a function that is larger than the kernel says is of another build, and gets no line", async () => {
  const kernel = compileKernel("-g");
  const decoder = decoderOf(kernel);
  expect(placesOf(await decoder.decode(reportOf(["Call Trace:", " outer+0x1/0x2"])), kernel)).toEqual([[]]);
});

test("without a program that tells lines, what to install is said", async () => {
  const { build } = compileKernel("-g");
  const decoder = openDecoder({ build, env: { PATH: "" }, hostArch: build.arch });
  await decoder.decode(reportOf(["Call Trace:", " outer+0x1/0x1000"]));
  expect(decoder.problems()).toMatchObject([
    { code: "NO_ADDR2LINE", hint: expect.stringContaining("binutils") },
  ]);
});

test("a file that is no kernel, or a part of one, is no crash", async () => {
  const kernel = compileKernel("-g");
  const vmlinux = join(kernel.directory, "vmlinux");
  for (const length of [0, 3, 63, 64, 500, 4000]) {
    execFileSync("truncate", ["-s", String(length), vmlinux]);
    const decoder = decoderOf(kernel);
    await decoder.decode(reportOf(["Call Trace:", " outer+0x1/0x1000"]));
    expect(decoder.problems().map(({ code }) => code)).toEqual(["NO_DEBUG_INFO"]);
  }
});
