import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand, type CommandResult } from "@vm/guest-run";
import { createOverlay, debianDisk } from "../fixtures/debian-disk.mjs";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { hostQemu } from "../guest/exec-guest.js";

let kernel: KernelFixture;
let directory: string;

beforeAll(async () => {
  kernel = await kernelFixture();
  directory = mkdtempSync(join(tmpdir(), "vm-exec-disk-"));
  await createOverlay(await debianDisk(), join(directory, "disk.qcow2"));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Ran {
  readonly result: CommandResult;
  readonly stdout: string;
  readonly stderr: string;
}

async function exec(command: string, input: Readable | "none" = "none"): Promise<Ran> {
  const output = { stdout: "", stderr: "" };
  const stdout = new PassThrough().on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  const stderr = new PassThrough().on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
  const result = await runCommand({
    guest: {
      kind: "disk",
      directory,
      kernel: {
        image: join(kernel.build, "arch/x86/boot/bzImage"),
        arch: "x86_64",
        cmdline: ["root=/dev/vda1", "console=ttyS0"],
        tree: kernel.build,
      },
      qemuOptions: [
        { flag: "nodefaults" },
        { flag: "machine", head: "q35", props: [] },
        { flag: "m", head: "512M", props: [] },
        { flag: "serial", value: "mon:stdio" },
        {
          flag: "drive",
          props: [
            ["file", "disk.qcow2"],
            ["if", "virtio"],
          ],
        },
      ],
    },
    ...hostQemu(),
    command,
    environment: { HOME: "/root", PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    cwd: "/root",
    streams: { kind: "pipes", stdin: input, stdout, stderr },
    timeoutMs: 500_000,
  });
  return { result, ...output };
}

test("a command in a systemd guest with nothing installed: streams, status, a daemon left behind; the disk keeps what it wrote", async () => {
  const { result, stdout, stderr } = await exec(
    "cat; echo err >&2; yes | head -n 1 >/dev/null; echo kept >/root/kept; cat /proc/1/comm; pwd; (setsid sleep 1000 &); kill -9 $$",
    Readable.from([Buffer.from("input\0\n")]),
  );
  expect(stdout).toBe("input\0\nsystemd\n/root\n");
  expect(stderr).toBe("err\n");
  expect(result.outcome).toEqual({ kind: "signalled", signal: 9, name: "SIGKILL" });
  expect(result.release).toBe(kernel.release);
  const again = await exec(
    "cat /root/kept; journalctl -b -1 -o cat | grep -c 'Reached target.*[Pp]ower.*[Oo]ff'; exit 5",
  );
  expect(again.stdout).toMatch(/^kept\n/);
  expect(again.result.outcome).toEqual({ kind: "exited", status: 5 });
});

test("a panic and a power-off of a systemd guest", async () => {
  const panic = await exec("echo c >/proc/sysrq-trigger; sleep 100");
  expect(panic.result.outcome).toMatchObject({ kind: "panicked" });
  const off = await exec("systemctl poweroff --force --force; sleep 100");
  expect(off.result.outcome).toMatchObject({ kind: "lost", by: "guest" });
});

test("a unit that panics when it is stopped, after the command's answer, with a console that was told to be quiet", async () => {
  const unit =
    "[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=true\\nExecStop=sh -c 'echo c >/proc/sysrq-trigger'\\n";
  const { result } = await exec(
    `printf "${unit}" >/run/systemd/system/bad.service; systemctl start bad && dmesg -n 1 && exit 0`,
  );
  expect(result.outcome).toMatchObject({ kind: "panicked" });
  expect(result.durations.statusMs).not.toBeNull();
});

test("a boot that ends in emergency mode is told at once, with what led to it", async () => {
  const { result: broken } = await exec(
    "echo '/dev/nosuch /data ext4 defaults,x-systemd.device-timeout=1s 0 0' >>/etc/fstab",
  );
  expect(broken.outcome).toEqual({ kind: "exited", status: 0 });
  const { result, stdout } = await exec("echo ran");
  expect(stdout).toBe("");
  expect(result.outcome).toEqual({
    kind: "lost",
    reason: expect.stringMatching(
      /^The guest ended in emergency mode: Timed out waiting for device .*\/dev\/nosuch\.$/,
    ),
    by: "guest",
  });
});
