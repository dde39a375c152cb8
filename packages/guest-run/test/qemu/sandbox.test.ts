import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseArgv, renderArgv } from "@vm/qemu-argv";
import { findQemu, sandboxOptions } from "@vm/guest-run";
import { neededLibraries } from "../../src/qemu/needed-libraries.js";

const qemu = findQemu({ arch: "x86_64" });

function sandboxOf(...argv: string[]): string {
  return renderArgv(sandboxOptions(qemu, parseArgv(argv))).join(" ");
}

const shut = "-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

test.each([
  ["-display none"],
  ["-nographic"],
  ["-vnc :9"],
  ["-display none -netdev user,id=n -device virtio-net-pci,netdev=n"],
  ["-display none -nic user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:2222-:22"],
  ["-display none -net nic -net user"],
  ["-display none -virtfs local,path=/,mount_tag=t,security_model=none,id=t"],
])("QEMU is shut in with %s", (options) => {
  expect(sandboxOf(...options.split(" "))).toBe(shut);
});

test.each([
  [""],
  ["-display gtk"],
  ["-display none -sandbox off"],
  ["-display none -sandbox on,spawn=allow"],
  ["-display none -netdev tap,id=n,script=/etc/qemu-ifup"],
  ["-display none -nic bridge,br=br0"],
  ['-display none -netdev {"type":"tap","id":"n"}'],
  ["-display none -nic user,smb=/srv"],
  ["-display none -netdev user,id=n,guestfwd=tcp:10.0.2.100:80-cmd:cat"],
  ["-display none -netdev passt,id=n"],
  ["-display none -incoming exec:cat"],
  ["-display none -runas nobody"],
  ["-display none -audiodev pa,id=a"],
  ["-display none -readconfig more.cfg"],
  ["-display none -device virtio-gpu-gl-pci"],
  ["-display none -netdev user,id=n -set netdev.n.smb=/srv"],
  ["-display none --set netdev.n.guestfwd=tcp:10.0.2.100:80-cmd:cat"],
])("but not where the person says so, or something may need more: %s", (options) => {
  expect(sandboxOf(...options.split(" ").filter((word) => word !== ""))).toBe("");
});

test("QEMU itself takes it, and runs so", async () => {
  const options = parseArgv(["-display", "none", "-nodefaults", "-S", "-nic", "user"]);
  const argv = renderArgv([...sandboxOptions(qemu, options), ...options]);
  const child = spawn(qemu, argv, { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (chunk) => (stderr += String(chunk)));
  onTestFinished(() => void child.kill("SIGKILL"));
  const mode = (): string =>
    /^Seccomp:\t(\d)/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? "";
  for (let attempt = 0; attempt < 500 && mode() !== "2"; attempt++) {
    expect(stderr).toBe("");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(mode()).toBe("2");
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect([child.exitCode, child.signalCode, stderr]).toEqual([null, null, ""]);
});

test("a QEMU without seccomp, and a script that starts one, are left alone", () => {
  const directory = mkdtempSync(join(tmpdir(), "vm-sandbox-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const script = join(directory, "qemu");
  writeFileSync(script, `#!/bin/sh\nexec ${qemu} "$@"\n`);
  chmodSync(script, 0o755);
  for (const program of [script, "/bin/ls", directory, join(directory, "absent")])
    expect(sandboxOptions(program, parseArgv(["-nographic"]))).toEqual([]);
});

test("the libraries of a program are those that its head names", () => {
  expect(neededLibraries(qemu)).toEqual(expect.arrayContaining(["libc.so.6"]));
  const directory = mkdtempSync(join(tmpdir(), "vm-sandbox-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const whole = readFileSync(qemu).subarray(0, 4096);
  for (const length of [0, 10, 64, 300]) {
    writeFileSync(join(directory, "cut"), whole.subarray(0, length));
    expect(neededLibraries(join(directory, "cut"))).toEqual([]);
  }
});
