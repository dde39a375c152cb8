import { errorCode } from "@vm/command-plan";
import { expect, test } from "vitest";
import { checkTakenParameters, type ParameterReader } from "../../src/protocol/taken-parameters.js";

function taken(texts: readonly string[], reader: ParameterReader, initrd: "own" | "none" = "none"): boolean {
  try {
    checkTakenParameters(texts, reader, initrd);
    return false;
  } catch (error) {
    if (errorCode(error) !== "KERNEL_PARAMETER_TAKEN") throw error;
    return true;
  }
}

test.each([
  ["init=/sbin/init", true, true, false],
  ['quiet "init=/my init"', true, true, false],
  ["root=LABEL=x", true, true, false],
  ["rootfstype=ext4", true, true, false],
  ["rw", true, true, false],
  ["vm.modules=guest", true, true, false],
  ["ro", false, false, false],
  ["systemd.unit=a", false, true, true],
  ["systemd.run=/bin/true", false, true, true],
  ["systemd.run_failure-action=none", false, true, true],
  ["emergency", false, true, true],
  ["3", false, true, true],
  ["systemd.wants=a", false, true, false],
  ["systemd.mask=a", false, false, false],
  ["panic=10 pty.legacy_count=8 norandmaps console=tty0", false, false, false],
  ["initcall_debug rootwait rwx=1 root_delay", false, false, false],
] as const)(
  "%s: taken in the embedded guest %s, with systemd %s, in a VM %s",
  (text, script, systemd, vm) => {
    expect([
      taken([text], "embedded"),
      taken([text], "embedded-systemd"),
      taken([text], "vm-command"),
    ]).toEqual([script, systemd, vm]);
  },
);

test("rdinit= is for an initramfs of one's own", () => {
  expect(taken(["rdinit=/x"], "embedded")).toBe(true);
  expect(taken(["rdinit=/x"], "embedded", "own")).toBe(false);
  expect(taken(["rdinit=/x"], "vm-command")).toBe(false);
});
