import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeBuildTree, sandbox, type Sandbox } from "./vm.js";

const log = `[    1.000000] Started something.
[    2.000000] BUG: kernel NULL pointer dereference, address: 0000000000000008
[    2.000000] Oops: 0000 [#1] SMP
[    2.000000] RIP: 0010:read_nowhere+0x0/0x100
[    2.000000] RAX: 0000000000000000 RBX: 0000000000000000 RCX: 0000000000000000
[    2.000000] Call Trace:
[    2.000000]  <TASK>
[    2.000000]  sample_init+0x1/0x100 [sample]
[    2.000000]  </TASK>
[    2.000000] ---[ end trace 0000000000000000 ]---
[    3.000000] Started something else.
`;

/** A sandbox with a build tree, whose vmlinux is compiled by this machine's compiler, and a module elsewhere. */
function place({ debug }: { readonly debug: "-g" | "-g0" }): Sandbox {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"));
  const compile = (name: string, text: string, ...words: string[]): void => {
    writeFileSync(join(box.cwd, `${name}.c`), text);
    execFileSync("gcc", ["-O2", debug, "-nostdlib", ...words, join(box.cwd, `${name}.c`)], { cwd: box.cwd });
  };
  compile(
    "kernel",
    "__attribute__((noinline)) int read_nowhere(void) { return *(volatile int *)8; }\nvoid _start(void) { read_nowhere(); }\n",
    "-no-pie",
    "-fno-pie",
    "-o",
    "linux/vmlinux",
  );
  mkdirSync(join(box.cwd, "elsewhere"));
  compile("sample", "int sample_init(void) { return 3; }\n", "-c", "-o", "elsewhere/sample.ko");
  writeFileSync(join(box.cwd, "console.log"), log);
  return box;
}

test("a log's report is shown from what happened and where, then whole, with lines where they are known", async () => {
  const { vm } = place({ debug: "-g" });
  const { code, stdout, stderr } = await vm("decode", "console.log", "-k", "linux", "--module", "elsewhere");
  expect(stdout).toBe(`BUG: kernel NULL pointer dereference, address: 0000000000000008
  at read_nowhere+0x0/0x100 (kernel.c:1)

  [    2.000000] BUG: kernel NULL pointer dereference, address: 0000000000000008
  [    2.000000] Oops: 0000 [#1] SMP
  [    2.000000] RIP: 0010:read_nowhere+0x0/0x100 (kernel.c:1)
  ... a line of registers and code bytes (--full)
  [    2.000000] Call Trace:
  [    2.000000]  <TASK>
  [    2.000000]  sample_init+0x1/0x100 [sample] (sample.c:1)
  [    2.000000]  </TASK>
  [    2.000000] ---[ end trace 0000000000000000 ]---
`);
  expect([code, stderr]).toEqual([0, ""]);
});

test("a module that is nowhere is named, and the rest is decoded all the same", async () => {
  const { vm } = place({ debug: "-g" });
  const { code, stdout, stderr } = await vm("decode", "console.log", "-k", "linux");
  expect(stdout).toContain("read_nowhere+0x0/0x100 (kernel.c:1)");
  expect(stdout).toContain("sample_init+0x1/0x100 [sample]\n");
  expect(stderr).toContain("vm: the module sample was not found");
  expect(code).toBe(0);
});

test("standard input, and JSON with every place", async () => {
  const { sh } = place({ debug: "-g" });
  const program = JSON.stringify(process.execPath);
  const bin = new URL("../bin/vm.cjs", import.meta.url).pathname;
  const { code, stdout } = await sh(`${program} '${bin}' decode - -k linux --json <console.log`);
  expect(JSON.parse(stdout)).toMatchObject({
    format: "vm-decode",
    reports: [
      {
        kind: "oops",
        headline: "BUG: kernel NULL pointer dereference, address: 0000000000000008",
        place: { symbol: "read_nowhere", places: [{ function: "read_nowhere", line: 1 }] },
        frames: [{ symbol: "read_nowhere" }, { symbol: "sample_init", module: "sample", places: [] }],
      },
    ],
  });
  expect(code).toBe(0);
});

test("a piece of a stack will do, and a log with nothing of a kernel ends with 1", async () => {
  const { vm, cwd } = place({ debug: "-g" });
  writeFileSync(join(cwd, "piece"), " read_nowhere+0x0/0x100\n");
  expect(await vm("decode", "piece", "-k", "linux")).toMatchObject({
    code: 0,
    stdout: "   read_nowhere+0x0/0x100 (kernel.c:1)\n",
  });
  writeFileSync(join(cwd, "nothing"), "Started something.\n");
  expect(await vm("decode", "nothing", "-k", "linux")).toMatchObject({
    code: 1,
    stdout: "",
    stderr: "vm: no report of a kernel, and no stack, is in this log\n",
  });
});

test("without debug information one line says which option gives it", async () => {
  const { vm } = place({ debug: "-g0" });
  const { stdout, stderr } = await vm("decode", "console.log", "-k", "linux", "--module", "elsewhere");
  expect(stdout).toContain("  at read_nowhere+0x0/0x100\n");
  expect(stderr.split("\n").filter((line) => line.includes("vmlinux"))).toEqual([
    expect.stringContaining("CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT=y"),
  ]);
});

test("no kernel is wrong usage, no such log an error", async () => {
  const { vm } = place({ debug: "-g" });
  expect(await vm("decode", "console.log")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("-k BUILD"),
  });
  const missing = await vm("decode", "missing.log", "-k", "linux");
  expect(missing.code).not.toBe(0);
  expect(missing.stderr).toContain("missing.log");
});
