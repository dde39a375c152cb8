import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { livenessOf, ownIdentity, type ProcessIdentity } from "../src/process-identity.js";

function startTicksOf(pid: number): number {
  return Number(execFileSync("awk", ["{ print $22 }", `/proc/${pid}/stat`], { encoding: "utf8" }));
}

test("this process is alive", () => {
  expect(ownIdentity()).toMatchObject({ pid: process.pid, startTicks: startTicksOf(process.pid) });
  expect(livenessOf(ownIdentity())).toBe("alive");
});

test("a process of the same pid that started at another time is another process", () => {
  const own = ownIdentity();
  expect(livenessOf({ ...own, startTicks: own.startTicks - 1 })).toBe("dead");
});

test("a process of an earlier boot is dead, and of one in another container nothing is known", () => {
  const own = ownIdentity();
  expect(livenessOf({ ...own, boot: "00000000" })).toBe("dead");
  expect(livenessOf({ ...own, pidNamespace: 1 })).toBe("unknown");
});

test("a process is dead once it has ended, also before its parent has noticed", async () => {
  // The shell becomes `sleep`, which never waits for the child; until then the child lives, or the shell would wait for it.
  const child = "until grep -q sleep /proc/$PPID/comm; do :; done";
  const parent = spawn("sh", ["-c", 'sh -c "$0" & echo $!; exec sleep 60', child], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const pid = Number(String((await once(parent.stdout, "data"))[0]));
  while (!readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "))
    await new Promise((done) => setTimeout(done, 10));
  const zombie: ProcessIdentity = { ...ownIdentity(), pid, startTicks: startTicksOf(pid) };
  expect(livenessOf(zombie)).toBe("dead");
  parent.kill("SIGKILL");
  await once(parent, "exit");
  expect(livenessOf(zombie)).toBe("dead");
});
