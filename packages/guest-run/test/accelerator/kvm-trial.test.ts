import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findQemu, readKvmTrial, tryKvm } from "@vm/guest-run";

let directory: string;
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), "vm-trial-"))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A program in QEMU's place. */
function stand(script: string): string {
  const path = join(directory, "qemu-system-x86_64");
  writeFileSync(path, `#!/bin/sh\necho >> ${directory}/runs\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const question = (qemu: string) => ({ qemu, guestArch: "x86_64", cacheDir: join(directory, "cache") });

test("The trial's guest comes to its end in a QEMU that works (here: emulated)", () => {
  const real = findQemu({ arch: "x86_64" });
  const emulated = stand(
    `for word; do shift; case $word in kvm) word=tcg ;; host) word=max ;; esac; set -- "$@" "$word"; done; exec ${real} "$@"`,
  );
  expect(tryKvm(question(emulated), { timeoutMs: 120_000 })).toEqual({ works: true });
});

test("A KVM that runs nothing is found out after the time limit", () => {
  const hung = stand("exec sleep 3600");
  expect(tryKvm(question(hung), { timeoutMs: 300 })).toEqual({
    works: false,
    reason: "no instruction was run within 0.3 s",
  });
});

test("A QEMU that gives up is quoted", () => {
  const broken = stand(
    "echo 'qemu-system-x86_64: error: failed to set MSR 0x10a to 0x69' >&2; kill -ABRT $$",
  );
  expect(tryKvm(question(broken))).toEqual({
    works: false,
    reason: "error: failed to set MSR 0x10a to 0x69",
  });
  const silent = stand("exit 3");
  rmSync(join(directory, "cache"), { recursive: true });
  expect(tryKvm(question(silent))).toEqual({ works: false, reason: "QEMU exited with status 3" });
});

test("The answer is kept until QEMU changes, and nothing else is left in the cache", () => {
  const qemu = stand("exit 33");
  expect(readKvmTrial(question(qemu))).toBeUndefined();
  expect(existsSync(join(directory, "cache"))).toBe(false);
  expect(tryKvm(question(qemu))).toEqual({ works: true });
  rmSync(join(directory, "runs"));
  expect(tryKvm(question(qemu))).toEqual({ works: true });
  expect(readKvmTrial(question(qemu))).toEqual({ works: true });
  expect(existsSync(join(directory, "runs"))).toBe(false);
  // Hosts that share a cache have an answer each.
  const [answer = "", ...others] = readdirSync(join(directory, "cache/kvm-trial"));
  expect([answer, others]).toEqual([`x86_64@${hostname()}.json`, []]);
  writeFileSync(join(directory, "cache/kvm-trial", answer), '{"key":');
  expect(readKvmTrial(question(qemu))).toBeUndefined();
});

test("This host's KVM gets an answer, whatever it is", () => {
  const trial = tryKvm(question(findQemu({ arch: "x86_64" })));
  expect(typeof trial?.works).toBe("boolean");
});

test("Guests that are not x86 are not tried", () => {
  expect(tryKvm({ ...question(stand("exit 33")), guestArch: "aarch64" })).toBeUndefined();
});
