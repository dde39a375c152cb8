import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findQemu } from "@vm/guest-run";
import { hostArchitecture } from "@vm/qemu-argv";

let directory: string;
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), "vm-path-"))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function program(folder: string, name: string, mode: number): string {
  mkdirSync(join(directory, folder), { recursive: true });
  const path = join(directory, folder, name);
  writeFileSync(path, "");
  chmodSync(path, mode);
  return path;
}

test("The first program in PATH that can be executed is QEMU, by its absolute path", () => {
  mkdirSync(join(directory, "a", "qemu-system-x86_64"), { recursive: true });
  program("b", "qemu-system-x86_64", 0o644);
  const path = program("c", "qemu-system-x86_64", 0o755);
  const folders = ["a", "b", relative(process.cwd(), join(directory, "c"))].map((folder, index) =>
    index < 2 ? join(directory, folder) : folder,
  );
  expect(findQemu({ arch: "x86_64", env: { PATH: folders.join(":") } })).toBe(path);
});

test.each([
  ["x86_64", "apt install qemu-system-x86 (Debian, Ubuntu), pacman -S qemu-system-x86 (Arch Linux)"],
  ["aarch64", "apt install qemu-system-arm (Debian, Ubuntu), pacman -S qemu-system-aarch64 (Arch Linux)"],
  [
    "s390x",
    "apt install qemu-system-s390x (Debian, Ubuntu; qemu-system-misc up to Debian 12), pacman -S qemu-system-s390x (Arch Linux), dnf install qemu-system-s390x (Fedora).",
  ],
  ["xtensa", "apt install qemu-system-misc"],
])("Without qemu-system-%s the error names the package", (arch, hint) => {
  for (const env of [{ PATH: join(directory, "nowhere") }, {}]) {
    expect(() => findQemu({ arch, env })).toThrow(
      expect.objectContaining({ code: "QEMU_NOT_FOUND", hint: expect.stringContaining(hint) }),
    );
  }
});

test("RHEL's QEMU, which is in no PATH, is taken for guests of this machine's kind, after any other", () => {
  const own = hostArchitecture(process.arch);
  const foreign = own === "s390x" ? "x86_64" : "s390x";
  const libexec = join(directory, "libexec");
  const rhel = program("libexec", "qemu-kvm", 0o755);
  const env = { PATH: join(directory, "nowhere") };
  expect(findQemu({ arch: own, env, libexec })).toBe(rhel);
  expect(() => findQemu({ arch: foreign, env, libexec })).toThrow(
    expect.objectContaining({ code: "QEMU_NOT_FOUND" }),
  );
  const usual = program("usual", `qemu-system-${own}`, 0o755);
  expect(findQemu({ arch: own, env: { PATH: join(directory, "usual") }, libexec })).toBe(usual);
});
