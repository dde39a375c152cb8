import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { openTerminal, shellWords, type Terminal } from "../guest/terminal.js";
import { createVmHome, type VmHome } from "../guest/vm-home.js";

let kernel: KernelFixture;
let home: VmHome;
let work: string;

beforeAll(async () => {
  kernel = await kernelFixture();
  home = createVmHome();
  work = mkdtempSync(join(tmpdir(), "vm-on-fail-"));
});

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
  home.remove();
});

function runOnTerminal(...words: readonly string[]): Terminal {
  return openTerminal(`exec ${shellWords(home.vm("run", "-k", kernel.build, ...words))}`, {
    cwd: work,
    env: { ...home.env, HOME: work, SHELL: "/bin/sh", TERM: "dumb" },
  });
}

test("--on-fail shell: the guest of a failed command stays with a shell in it, and the status is the command's", async () => {
  const terminal = runOnTerminal("--on-fail", "shell", "--exec", "echo 'it''s' >/run/mark; exit 7");
  try {
    await terminal.waitFor("the command ended with status 7: this is a shell in its guest");
    await terminal.waitFor(`(${kernel.release})`);
    terminal.write("echo $(cat /run/mark) still here\r");
    await terminal.waitFor(/^its still here/m);
    terminal.write("exit 0\r");
    expect(await terminal.ended).toBe(7);
  } finally {
    await terminal.close();
  }
});

test("--on-fail shell: a command that did not fail leaves no guest", async () => {
  const terminal = runOnTerminal("--on-fail", "shell", "--exec", "echo done");
  try {
    expect(await terminal.ended).toBe(0);
    expect(terminal.output()).not.toContain("this is a shell");
  } finally {
    await terminal.close();
  }
});

test("--on-fail dump: the memory of a failed command's guest is written, with what it left there", async () => {
  // The command's text is in the guest's memory as it is typed; what it computes is there only when it has run.
  const command = 'mark=$(printf "%s-%s" on fail-mark); echo "$mark" >/run/mark; exit 3';
  const terminal = runOnTerminal("--on-fail", "dump", "-m", "256M", "--exec", command);
  try {
    expect(await terminal.ended).toBe(3);
    expect(terminal.output()).toContain(`the guest's memory is in ${join(work, "vm-core")}`);
    const core = readFileSync(join(work, "vm-core"));
    expect(core.subarray(0, 4).toString("latin1")).toBe("\u007fELF");
    expect(core.includes("on-fail-mark\n")).toBe(true);
  } finally {
    await terminal.close();
  }
});

test("--on-fail gdb: gdb stands at the panic, and the run's end is the panic's", async () => {
  const terminal = runOnTerminal("--on-fail", "gdb", "--exec", "echo c >/proc/sysrq-trigger");
  try {
    await terminal.waitFor("gdb has the guest");
    await terminal.waitFor("(gdb) ");
    terminal.write("set pagination off\rbt\r");
    await terminal.waitFor(/sysrq_handle_crash \([^#]*at [^#]*drivers\/tty\/sysrq\.c:\d+/);
    terminal.write("kill\r");
    await terminal.waitFor("(y or n) ");
    terminal.write("y\r");
    terminal.write("quit\r");
    expect(await terminal.ended).toBe(250);
    expect(terminal.output()).toContain("Kernel panic - not syncing: sysrq triggered crash");
  } finally {
    await terminal.close();
  }
});
