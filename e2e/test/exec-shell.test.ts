import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { openTerminal, shellWords } from "../guest/terminal.js";
import { createVmHome, lastingWords, runProgram, type VmHome } from "../guest/vm-home.js";

let kernel: KernelFixture;
let home: VmHome;
let work: string;

beforeAll(async () => {
  kernel = await kernelFixture();
  home = createVmHome();
  work = mkdtempSync(join(tmpdir(), "vm-shell-"));
});

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
  home.remove();
});

test("a shell: what boots is said, what is typed before is dropped, the prompt is not the host's, the status is the shell's", async () => {
  writeFileSync(join(work, ".bashrc"), "PS1='mine> '\n");
  const terminal = openTerminal(`exec ${shellWords(home.vm("run", "-k", kernel.build))}`, {
    cwd: work,
    env: { ...home.env, HOME: work, SHELL: "/bin/bash" },
  });
  try {
    await terminal.waitFor(`vm: booting ${kernel.release} ...`);
    terminal.write("touch /typed-before\r");
    await terminal.waitFor(`(${kernel.release}) mine> `);
    terminal.write('ls /typed-before || echo "$0" was it\r');
    await terminal.waitFor("bash was it");
    terminal.write("exit 3\r");
    expect(await terminal.ended).toBe(3);
  } finally {
    await terminal.close();
  }
});

test("Ctrl-C before the shell is there ends the guest", async () => {
  const terminal = openTerminal(`exec ${shellWords(home.vm("run", "-k", kernel.build))}`, { env: home.env });
  try {
    await terminal.waitFor("vm: booting");
    terminal.write("\u0003");
    expect(await terminal.ended).toBe(130);
  } finally {
    await terminal.close();
  }
});

test("a loop that reads keeps its input with --no-stdin", async () => {
  const vm = shellWords(
    home.vm("run", "-k", kernel.build, "--accel", "tcg", "--no-stdin", "--exec", 'cat; echo "read $(wc -c)"'),
  );
  const loop = `while read -r word; do echo "$word"; ${vm}; done`;
  const { stdout, stderr } = await runProgram(["sh", "-c", loop], { env: home.env, input: "one\ntwo\n" });
  expect({ stdout, stderr: lastingWords(stderr) }).toEqual({
    stdout: "one\nread 0\ntwo\nread 0\n",
    stderr: "",
  });
});

test("a command that the kernel killed for want of memory is explained", async () => {
  // A guest that fills up by itself may read its programs anew from the host for minutes before the kernel kills anything:
  // so the kernel is told to, as it does it by itself (Documentation/admin-guide/sysrq.rst, `f`).
  const command =
    "{ head -c 64M /dev/zero; sleep 6; } | tail -c 64M & sleep 3; echo f >/proc/sysrq-trigger; wait $!";
  const [program, ...args] = home.vm("run", "-k", kernel.build, "-m", "512M", "--exec", command);
  const { status, stderr } = await runProgram([program, ...args], { env: home.env });
  expect(stderr).toContain(
    "the guest's memory of 512M was used up: the kernel killed tail. Give it more, such as -m 4G\n",
  );
  expect(status).toBe(137);
});
