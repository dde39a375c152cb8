import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { selftestColumns } from "../src/selftest-columns.js";

const programs = [
  { target: "timers", program: "rtcpie" },
  { target: "timers", program: "posix_timers" },
  { target: "size", program: "get_size" },
];

function installed(directory = "/cache/it's"): Parameters<typeof selftestColumns>[1] {
  return { directory, source: "/linux", programs };
}

test("each program that is chosen is a test that shares its guest, and whose results are wanted", () => {
  const columns = selftestColumns("timers,size:get_size", installed());
  expect(columns.map(({ name }) => name)).toEqual([
    "kselftest:timers:rtcpie",
    "kselftest:timers:posix_timers",
    "kselftest:size:get_size",
  ]);
  for (const column of columns) {
    expect(column).toMatchObject({
      suite: column.name,
      guest: "shared",
      results: { from: "stdout", header: "wanted" },
    });
  }
  expect(selftestColumns("timers:rtcpie", installed())).toHaveLength(1);
});

test("a program that a target does not have is an error with those it has", () => {
  expect(() => selftestColumns("timers:gone", installed())).toThrow(/timers have no program gone/);
  expect(() => selftestColumns("../x", installed())).toThrow(/names no selftests/);
});

test("one that is not built yet fails, whoever runs it", () => {
  const [column] = selftestColumns("timers", undefined);
  expect(spawnSync("sh", ["-c", String(column?.command)]).status).toBe(125);
});

test("the command runs the runner in a copy, hands its status on, and leaves nothing", () => {
  const directory = mkdtempSync(join(tmpdir(), "it's a "));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const runner = join(directory, "run_kselftest.sh");
  writeFileSync(runner, '#!/bin/sh\necho "$@" "$PWD"\ntouch written\nexit 3\n');
  chmodSync(runner, 0o755);
  const scratch = mkdtempSync(join(tmpdir(), "scratch-"));
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true }));
  const [column] = selftestColumns("size", installed(directory));
  const text = String(column?.command);
  const { status, stdout } = spawnSync("sh", ["-c", text], {
    encoding: "utf8",
    env: { ...process.env, TMPDIR: scratch },
  });
  expect(status).toBe(3);
  expect(stdout).toMatch(new RegExp(`^-t size:get_size ${scratch}/`));
  expect([readdirSync(scratch), readdirSync(directory)]).toEqual([[], ["run_kselftest.sh"]]);
  expect(execFileSync("shellcheck", ["-s", "sh", "-"], { input: text, encoding: "utf8" })).toBe("");
});
