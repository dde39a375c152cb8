import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findArchitecture } from "@vm/architectures";
import { onTestFinished } from "vitest";

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "vm-guest-run-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The head of a program of an architecture, by this project's name. */
function elfHead(arch: string): Buffer {
  const elf = findArchitecture(arch)?.elf;
  if (elf === undefined) throw new Error(`no ${arch} in the table`);
  const head = Buffer.alloc(64);
  head.write("\x7fELF", "latin1");
  head[4] = elf.bits === 64 ? 2 : 1;
  head[5] = elf.order === "big" ? 2 : 1;
  if (elf.order === "big") head.writeUInt16BE(elf.machine, 18);
  else head.writeUInt16LE(elf.machine, 18);
  return head;
}

/** A root such as distributions make, whose /bin/sh is reached by links, one of them absolute. */
export function madeUpRoot(arch: string): string {
  const root = temporaryDirectory();
  for (const name of ["dev", "proc", "mnt", "usr/bin", "etc/alternatives"]) {
    mkdirSync(join(root, name), { recursive: true });
  }
  symlinkSync("usr/bin", join(root, "bin"));
  symlinkSync("/etc/alternatives/sh", join(root, "usr/bin/sh"));
  symlinkSync("../../../../bin/dash", join(root, "etc/alternatives/sh"));
  put(join(root, "usr/bin/dash"), elfHead(arch));
  // What the guest's start runs.
  for (const name of ["cat", "chroot", "ip", "mount", "setsid", "sleep"]) {
    put(join(root, "usr/bin", name), elfHead(arch));
  }
  return root;
}

export function put(path: string, content: string | Uint8Array): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content, { mode: 0o755 });
  return path;
}
