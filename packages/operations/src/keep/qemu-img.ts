import { spawnSync } from "node:child_process";
import { codedError, errorCode } from "@vm/command-plan";
import type { Host } from "../host.js";

/** What qemu-img says. @throws QEMU_IMG_NOT_FOUND, IMAGE_UNREADABLE */
export function runForOutput([program, ...args]: readonly [string, ...string[]], { env, cwd }: Host): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    env,
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 << 20,
  });
  if (errorCode(error) === "ENOENT") {
    throw codedError("QEMU_IMG_NOT_FOUND", "qemu-img is not installed", {
      hint: "Install it: Debian's package qemu-utils, Fedora's qemu-img, Arch's qemu-img.",
    });
  }
  if (status === 0) return stdout;
  throw codedError("IMAGE_UNREADABLE", stderr.trim() || String(error ?? `qemu-img ended with ${status}`));
}
