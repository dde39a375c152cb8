import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgv, renderArgv } from "@vm/qemu-argv";
import { expect, onTestFinished, test } from "vitest";
import { execOptions } from "../../src/reach/exec-service.js";

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), "vm-exec-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The texts of the credentials in QEMU's arguments, by name. */
function credentials(argv: readonly string[]): Record<string, string> {
  const found = argv.flatMap((word) => {
    const [, name, value] = /^type=11,value=io\.systemd\.credential\.binary:([^=]+)=(.+)$/.exec(word) ?? [];
    return name === undefined || value === undefined
      ? []
      : [[name, Buffer.from(value, "base64").toString("utf8")] as const];
  });
  return Object.fromEntries(found);
}

test("the unit that is handed over is one that systemd takes, small enough for SMBIOS, and is wanted", () => {
  const argv = renderArgv(execOptions("/run/x/exec", "x86_64", []));
  const { "systemd.extra-unit.vm-exec.service": unit = "", ...others } = credentials(argv);
  const file = join(scratch(), "vm-exec.service");
  writeFileSync(file, unit);
  const { status, stderr } = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(others).toEqual({
    "systemd.unit-dropin.multi-user.target~vm-exec": "[Unit]\nWants=vm-exec.service\n",
  });
  // What is longer vanishes without a word: measured, between 3,000 and 5,000 bytes.
  expect(Math.max(...argv.map((word) => word.length))).toBeLessThan(3000);
});

test("QEMU takes it beside strings and tables of the VM's own", () => {
  const own = parseArgv(["-smbios", "type=11,value=mine", "-smbios", "type=1,serial=a"]);
  const socket = join(scratch(), "exec");
  const argv = [...renderArgv(own), ...renderArgv(execOptions(socket, "x86_64", own))];
  const words = ["-M", "q35", "-accel", "tcg", "-display", "none", "-nodefaults", "-S", "-monitor", "stdio"];
  const { status, stderr } = spawnSync("qemu-system-x86_64", [...words, ...argv], {
    input: "quit\n",
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test.each([
  ["a table of SMBIOS out of a file", "x86_64", ["-smbios", "file=/tmp/table"], "port"],
  ["no PC", "aarch64", [], "port"],
  ["no virtio", "x86_64", ["-M", "isapc"], "nothing"],
] as const)("with %s there are no credentials", (_why, arch, words, left) => {
  const argv = renderArgv(execOptions("/run/x/exec", arch, parseArgv(words)));
  expect(credentials(argv)).toEqual({});
  expect(argv.some((word) => word.includes("name=vm.exec"))).toBe(left === "port");
});
