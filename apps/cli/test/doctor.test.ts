import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DoctorReport } from "@vm/operations";
import { doctorFindings, startFailureFindings } from "@vm/operations/failure";
import { execa } from "execa";
import { expect, test } from "vitest";
import { bin, makeBuildTree, sandbox } from "./vm.js";

type Report = Pick<DoctorReport, "command" | "findings" | "packages" | "state">;

function stateOf({ findings }: Report, name: string): string | undefined {
  return findings.find((finding) => finding.name === name)?.state;
}

test("what is there works in a trial, and the exit code is the worst of what was found", async () => {
  const { vm } = sandbox();
  const { code, stdout, stderr } = await vm("doctor", "--json", "--quiet");
  const report: Report = JSON.parse(stdout);
  expect(stderr).toBe("");
  for (const name of [
    "qemu",
    "util-linux",
    "qemu-img",
    "kmod",
    "busybox",
    "compilers",
    "unpacking",
    "debugging",
  ])
    expect([name, stateOf(report, name)]).toEqual([name, "ok"]);
  expect(code).toBe({ ok: 0, broken: 1, limited: 3 }[report.state]);
  const { stdout: words } = await vm("doctor");
  for (const { name } of report.findings) expect(words).toContain(name);
});

test("on a machine that has nothing each thing is named, with its package and one command for all", async () => {
  const { root, cwd, vmWith } = sandbox();
  const programs = join(root, "bin");
  mkdirSync(programs);
  // Only what the test itself cannot do without.
  symlinkSync(process.execPath, join(programs, "node"));
  const { code, stdout } = await vmWith({ PATH: programs }, "doctor", "--json");
  const report: Report = JSON.parse(stdout);
  expect(code).toBe(1);
  expect(report.state).toBe("broken");
  for (const name of ["qemu", "util-linux"]) expect([name, stateOf(report, name)]).toEqual([name, "broken"]);
  for (const name of ["qemu-img", "compilers", "debugging"])
    expect([name, stateOf(report, name)]).toEqual([name, "limited"]);
  expect(report.packages).toEqual(
    expect.arrayContaining(["qemu-system-x86", "util-linux", "qemu-utils", "make", "flex", "gdb"]),
  );
  expect(report.command).toMatch(/^(?:sudo )?apt install .*qemu-system-x86/);
  // Trials leave nothing.
  const { stdout: left } = await execa("ls", ["-A", cwd]);
  expect(left).toBe("");
});

test("a program that is there and does not work is no good one", async () => {
  const { root, vmWith } = sandbox();
  const programs = join(root, "bin");
  mkdirSync(programs);
  for (const name of ["qemu-img", "qemu-system-x86_64"])
    writeFileSync(
      join(programs, name),
      "#!/bin/sh\necho 'libz.so.1: cannot open shared object file' >&2\nexit 127\n",
      {
        mode: 0o755,
      },
    );
  const { code, stdout } = await vmWith({ PATH: `${programs}:${process.env["PATH"]}` }, "doctor");
  expect(code).toBe(1);
  expect(stdout).toMatch(/^BROKEN +qemu +.* does not start: libz\.so\.1/m);
  expect(stdout).toMatch(/^LIMITED +qemu-img +qemu-img does not work \(libz\.so\.1/m);
});

test("-k looks at a kernel: what it lacks, and whether it is there", async () => {
  const { cwd, vm } = sandbox();
  makeBuildTree(join(cwd, "linux"));
  makeBuildTree(join(cwd, "poor"), { config: "CONFIG_64BIT=y\nCONFIG_X86_64=y\n" });
  const findings = async (kernel: string): Promise<string> => (await vm("doctor", "-k", kernel)).stdout;
  expect(await findings("linux")).toMatch(/^\w+ +the kernel/m);
  expect(await findings("poor")).toMatch(/^(?:BROKEN|LIMITED) +the kernel +.* lacks .*CONFIG_/m);
  const missing = await vm("doctor", "-k", "./nowhere");
  expect(missing).toMatchObject({ code: 1, stdout: expect.stringMatching(/^BROKEN +the kernel/m) });
});

test("a broken configuration is found, and the script of a dry run does the same", async () => {
  const { root, vm, sh } = sandbox();
  mkdirSync(join(root, ".config/vm"), { recursive: true });
  writeFileSync(join(root, ".config/vm/config.json"), "{");
  const ended = await vm("doctor");
  expect(ended).toMatchObject({ code: 1, stdout: expect.stringMatching(/^BROKEN +config\.json/m) });
  const script = await vm("doctor", "-n");
  expect(script.stdout).toContain(bin);
  const again = await sh(script.stdout);
  expect(again).toMatchObject({ code: 1, stdout: expect.stringMatching(/^BROKEN +config\.json/m) });
});

test("each error that sends to vm doctor has its findings there, and where it occurs they are not ok", async () => {
  const { root, cwd, vm, vmWith } = sandbox();
  makeBuildTree(join(cwd, "linux"));
  makeBuildTree(join(cwd, "poor"), { config: "CONFIG_64BIT=y\nCONFIG_X86_64=y\n" });
  const { stdout } = await vm("doctor", "-k", "linux", "--json");
  const report: Report = JSON.parse(stdout);
  for (const [code, { findings }] of Object.entries({ ...doctorFindings, ...startFailureFindings }))
    for (const name of findings)
      expect([code, name, stateOf(report, name)]).toEqual([code, name, expect.any(String)]);

  const programs = join(root, "bin");
  mkdirSync(programs);
  const bare = { PATH: programs };
  const untrusted = { VM_CACHE_HOME: "/etc/hostname" };
  const badConfig = { XDG_CONFIG_HOME: join(root, "config") };
  mkdirSync(join(root, "config/vm"), { recursive: true });
  writeFileSync(join(root, "config/vm/config.json"), "{");
  writeFileSync(join(cwd, "X.qcow2"), "");
  const cases: readonly [env: Record<string, string>, words: string, finding: string, doctor: string][] = [
    [bare, "run -k linux --exec true", "qemu", "vm doctor -k linux"],
    [bare, "test -k linux --exec true", "qemu", "vm doctor -k linux"],
    [{}, "run -k poor --exec true", "the kernel", "vm doctor -k poor"],
    [bare, "create N -s 1M", "qemu-img", "vm doctor"],
    [bare, "kernel git:HEAD", "compilers", "vm doctor -k git:HEAD"],
    [badConfig, "create N -s 1M", "config.json", "vm doctor"],
  ];
  for (const [env, words, finding, doctor] of cases) {
    const ended = await vmWith(env, ...words.split(" "));
    expect([words, ended.code === 0, ended.stderr + ended.stdout]).toEqual([
      words,
      false,
      expect.stringContaining(`\`${doctor}\` tells what this machine lacks.`),
    ]);
    const explained = await vmWith(env, ...doctor.split(" ").slice(1), "--json");
    const found: Report = JSON.parse(explained.stdout);
    expect([words, stateOf(found, finding)]).toEqual([words, expect.stringMatching(/broken|limited/)]);
  }
  // What went wrong there is no reason to call it again.
  expect((await vmWith(untrusted, "doctor")).stderr).not.toContain("vm doctor");
});
