import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bin, sandbox, type Sandbox } from "./vm.js";

const write = (byte: number): string => `qemu-io virtio0 "write -P ${byte} 0 64k"`;
const read = (byte: number): string => `qemu-io virtio0 "read -P ${byte} 0 64k"`;

/** A run whose guest stands still: what writes is QEMU itself, told by its monitor. */
function startQemu(
  { home, root }: Sandbox,
  ...words: string[]
): { say(text: string): void; saw(text: string | RegExp): Promise<void>; ended: Promise<unknown[]> } {
  const child = spawn(process.execPath, [bin, "run", "X", "--accel", "tcg", ...words, "--", "-S"], {
    env: { PATH: process.env["PATH"], HOME: root, VM_HOME: home },
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let screen = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (screen += chunk));
  const ended = once(child, "exit");
  child.stdin.write("\u0001c");
  return {
    ended,
    say: (text) => void child.stdin.write(`${text}\n`),
    async saw(text) {
      while (screen.search(text) === -1) await once(child.stdout, "data");
    },
  };
}

test("nothing that an ephemeral run writes survives, several at once are fine, and no other run or change is let in", async () => {
  const box = sandbox();
  await box.vm("create", "X", "-s", "1M");
  const image = join(box.home, "X/root.qcow2");
  const before = readFileSync(image);
  const [one, two] = [startQemu(box, "--ephemeral"), startQemu(box, "--ephemeral")];
  for (const [guest, byte] of [
    [one, 7],
    [two, 8],
  ] as const) {
    guest.say(write(byte));
    await guest.saw("wrote 65536");
  }
  for (const [guest, byte] of [
    [one, 7],
    [two, 8],
  ] as const) {
    guest.say(read(byte));
    await guest.saw("read 65536");
  }
  expect((await box.vm("list")).stdout).toMatch(/^X\trunning, ephemeral, since /);
  expect(await box.vm("run", "X")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("already running"),
  });
  expect(await box.vm("resize", "X", "+1M")).toMatchObject({ code: 1 });
  one.say("quit");
  expect(await one.ended).toEqual([0, null]);
  // One of them is left, whichever was named last.
  expect((await box.vm("list")).stdout).toContain("running, ephemeral");
  two.say("quit");
  expect(await two.ended).toEqual([0, null]);
  expect(readFileSync(image)).toEqual(before);
  expect((await box.vm("list")).stdout).toMatch(/^X\tstopped/);

  // The same without the option is seen on the disk: so the test sees what it is to see.
  const kept = startQemu(box);
  kept.say(write(9));
  await kept.saw("wrote 65536");
  expect(await box.vm("run", "X", "--ephemeral")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("already running"),
  });
  kept.say("quit");
  await kept.ended;
  expect(execFileSync("qemu-io", ["-r", "-c", "read -P 9 0 64k", image], { encoding: "utf8" })).toContain(
    "read 65536",
  );
}, 60_000);

test("a disk that would keep what is written is refused by name, also in a script", async () => {
  const { home, vm } = sandbox();
  const blockdev = '{ flag: "blockdev", json: { driver: "qcow2", file: { driver: "file", filename: "x" } } }';
  for (const [name, option] of [
    ["A", '["-drive", "file=x,snapshot=off"]'],
    ["B", blockdev],
  ] as const) {
    mkdirSync(join(home, name), { recursive: true });
    writeFileSync(
      join(home, name, "vm.mjs"),
      `export const qemuOptions = [${option}];\nexport const kernelCmdline = [];\n`,
    );
    for (const more of [[], ["-n"]]) {
      expect(await vm("run", name, "--ephemeral", ...more)).toMatchObject({
        code: 1,
        stdout: "",
        stderr: expect.stringContaining("--ephemeral cannot be kept"),
      });
    }
  }
  await vm("create", "C", "-s", "1M");
  expect((await vm("run", "C", "--ephemeral", "-n")).stdout).toMatch(/-snapshot\b/);
});
