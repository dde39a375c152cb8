import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createOverlay, debianDisk } from "../fixtures/debian-disk.mjs";
import { kernelFixture } from "../fixtures/kernel.mjs";
import { login } from "../guest/guest-shell.js";
import { noProcessNames } from "../guest/processes.js";
import { connectQmp } from "../guest/qmp.js";
import { openTerminal, shellWords } from "../guest/terminal.js";

test("the fixture's kernel and disk boot to a system without a failed unit", async () => {
  const directory = mkdtempSync(join(tmpdir(), "vm-fixture-"));
  const disk = join(directory, "disk.qcow2");
  const socket = join(directory, "qmp");
  const { build, release } = await kernelFixture();
  await createOverlay(await debianDisk(), disk);
  const qemu = [
    "qemu-system-x86_64",
    "-nodefaults",
    "-no-reboot",
    "-display",
    "none",
    "-M",
    "q35",
    "-m",
    "512M",
  ];
  const options = ["-accel", "tcg", "-cpu", "max", "-serial", "mon:stdio", "-nic", "user,model=virtio"];
  const kernel = ["-kernel", join(build, "arch/x86/boot/bzImage"), "-append", "root=/dev/vda1 console=ttyS0"];
  const drive = ["-drive", `file=${disk},if=virtio`, "-qmp", `unix:${socket},server=on,wait=off`];
  const terminal = openTerminal(`exec ${shellWords([...qemu, ...options, ...kernel, ...drive])}`);
  try {
    const qmp = await connectQmp(socket);
    expect(await qmp.execute("query-status")).toMatchObject({ status: "running" });
    qmp.close();
    const guest = await login(terminal);
    expect(await guest.read("uname -r")).toBe(release);
    expect(await guest.read("systemctl is-system-running --wait")).toBe("running");
    expect(await guest.run("echo one; echo two >&2; (exit 3)")).toEqual({ status: 3, output: "one\ntwo\n" });
    expect(await guest.read("networkctl --no-legend list | grep -c routable")).toBe("1");
    expect(await guest.powerOff()).toBe(0);
    await noProcessNames(directory);
  } finally {
    await terminal.close();
    rmSync(directory, { recursive: true });
  }
});
