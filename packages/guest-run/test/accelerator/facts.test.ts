import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { probeAccelerator } from "@vm/guest-run";

let directory: string;
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), "vm-facts-"))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

/** One processor's block as the kernel writes it; the flags of today's processors fill more than a kilobyte. */
const processor = (flags: string): string =>
  `processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: ${"x".repeat(3900)}\nflags\t\t: fpu ${"feature ".repeat(400)}${flags} md_clear\nvmx flags\t: vnmi ept\nbugs\t\t: spectre_v1\n\n`;

test("A host without /dev/kvm is told from one that may not open it", () => {
  expect(probeAccelerator({ device: join(directory, "absent") }).device).toBe("missing");
  expect(probeAccelerator({ device: directory }).device).toBe("broken");
  expect(probeAccelerator({ device: file("kvm", "") }).device).toBe("opens");
});

/** The flags mean something on x86 alone. */
const onX86 = process.arch === "x64" || process.arch === "ia32";

test.each([
  ["vmx", "present"],
  ["svm", "present"],
  ["ssbd", "absent"],
] as const)("A processor that lists %s has the flag %s", (flag, expected) => {
  const facts = probeAccelerator({ device: file("kvm", ""), cpuinfo: file("cpuinfo", processor(flag)) });
  expect(facts).toMatchObject({ device: "opens", cpuFlag: onX86 ? expected : "unknown" });
});

test("Where nothing is listed, nothing is claimed", () => {
  const device = file("kvm", "");
  expect(probeAccelerator({ device, cpuinfo: file("cpuinfo", "processor\t: 0\n") }).cpuFlag).toBe("unknown");
  expect(probeAccelerator({ device, cpuinfo: join(directory, "absent") }).cpuFlag).toBe("unknown");
});

test("This host's own files are understood", () => {
  const facts = probeAccelerator();
  expect(["opens", "missing", "denied", "broken"]).toContain(facts.device);
});
