import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture } from "../fixtures/kernel.mjs";
import { shellWords } from "../guest/terminal.js";
import { createVmHome, runProgram, type Outcome } from "../guest/vm-home.js";

let build: string;
const home = createVmHome();
const directory = mkdtempSync(join(tmpdir(), "vm-answers-"));

beforeAll(async () => {
  ({ build } = await kernelFixture());
});

afterAll(() => {
  home.remove();
  rmSync(directory, { recursive: true });
});

/** Runs it with a shell: its redirections, and `$VM` for `vm run -k KERNEL`. */
async function sh(script: string): Promise<Outcome> {
  const vm = shellWords(home.vm("run", "-k", build));
  return await runProgram(["bash", "-c", `vm() { ${vm} "$@"; }\n${script}`], {
    cwd: directory,
    env: home.env,
  });
}

test("nothing that lowers the console's level hides a complaint", async () => {
  const words = "-a quiet -a loglevel=1 -a printk.ignore_loglevel=0 -a console=null --fail-on warn";
  const command = "dmesg -n 1; echo 1 1 1 1 >/proc/sys/kernel/printk; echo '<4>WARNING: x' >/dev/kmsg";
  const { status, stderr } = await sh(`vm ${words} --exec "${command}" </dev/null`);
  expect(stderr).toContain("the kernel complained (warn): WARNING: x");
  expect(status).toBe(251);
});

test("an answer whose output was lost is none, and leaves no report", async () => {
  const report = join(directory, "report.json");
  writeFileSync(report, "of an earlier run");
  const lost = await sh("vm --bisect --report report.json --exec 'echo hi' </dev/null >/dev/full");
  expect(lost.stderr).toMatch(/standard output could not be written: .*no space left/i);
  expect(lost.status).toBe(128);
  expect(existsSync(report)).toBe(false);
});

test("a slow reader gets all of it, long after the guest has gone", async () => {
  const { status } = await sh(
    "set -o pipefail; vm --exec 'seq 100000' </dev/null | { sleep 15; tail -n1; } >last",
  );
  expect(readFileSync(join(directory, "last"), "utf8")).toBe("100000\n");
  expect(status).toBe(0);
});
