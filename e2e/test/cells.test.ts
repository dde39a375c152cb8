import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture } from "../fixtures/kernel.mjs";
import { comparableReport, junitCases, untimedTable } from "../guest/matrix-reports.js";
import { createVmHome, runProgram, type VmHome } from "../guest/vm-home.js";

let home: VmHome;

beforeAll(async () => {
  const kernel = await kernelFixture();
  home = createVmHome();
  symlinkSync(kernel.build, join(home.directory, "good"));
  // Output passes through pipes in the guest, where a panic in the same moment would leave it (docs/guest-contract.md).
  writeFileSync(
    join(home.directory, "panic.sh"),
    "echo 'dying <here>' >&2\nsleep 1\necho c >/proc/sysrq-trigger\nsleep 600\n",
  );
});

afterAll(() => home.remove());

test("cells that are run in three other directories give the reports of a local run", async () => {
  const { directory, env } = home;
  const vm = (cwd: string, ...words: readonly string[]): ReturnType<typeof runProgram> =>
    runProgram(home.vm("test", ...words), { env, cwd });
  const matrix = ["-k", "good", "--exec", "uname -r; modprobe dummy", "--exec", "exit 3", "panic.sh"];
  const settings = ["--accel", "tcg"];
  const local = await vm(
    directory,
    ...matrix,
    ...settings,
    "-j",
    "2",
    "--report",
    "a.json",
    "--junit",
    "a.xml",
  );
  expect([local.status, local.stderr]).toEqual([1, expect.stringContaining("passed")]);

  expect(await vm(directory, ...matrix, ...settings, "--plan", "plan")).toMatchObject({ status: 0 });
  const shards = [1, 2, 3];
  for (const shard of shards) {
    const place = join(directory, `host-${shard}`);
    mkdirSync(place);
    cpSync(join(directory, "plan"), join(place, "plan"), { recursive: true });
  }
  // One begins with the wait for all of them.
  const waiting = spawn(home.vm()[0], home.vm("test", "--collect", "plan", "--wait", "--json").slice(1), {
    cwd: directory,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const said = waiting.stdout.setEncoding("utf8").toArray();
  const ended = once(waiting, "exit");
  const run = async (shard: number): Promise<void> => {
    const place = join(directory, `host-${shard}`);
    const { status } = await vm(place, "--run", "plan", "--shard", `${shard}/3`);
    expect([shard, status]).toEqual([shard, shard === 1 ? 0 : 1]);
    cpSync(join(place, "plan/results"), join(directory, "plan/results.new"), { recursive: true });
    rmSync(place, { recursive: true });
  };
  await Promise.all([run(1), run(2)]);
  await run(3);
  renameSync(join(directory, "plan/results"), join(directory, "plan/results.old"));
  renameSync(join(directory, "plan/results.new"), join(directory, "plan/results"));
  expect((await ended)[0]).toBe(1);

  const collected = await vm(
    directory,
    "--collect",
    "plan",
    "--report",
    "b.json",
    "--junit",
    "b.xml",
    "--html",
    "b.html",
  );
  expect(collected.status).toBe(1);
  const read = (file: string): string => readFileSync(join(directory, file), "utf8");
  expect(comparableReport(read("b.json"))).toEqual(comparableReport(read("a.json")));
  expect(comparableReport((await said).join(""))).toEqual(comparableReport(read("a.json")));
  expect(junitCases(read("b.xml"))).toEqual(junitCases(read("a.xml")));
  expect(junitCases(read("b.xml"))).toHaveLength(3);
  expect(read("b.html")).toContain("1 of 3 tests passed");
  expect(untimedTable(collected.stdout)).toBe(untimedTable(local.stdout));
});
