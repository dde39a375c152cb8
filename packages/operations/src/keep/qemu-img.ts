import { codedError, errorCode } from "@vm/command-plan";
import { runForOutput, type ProgramOutput } from "@vm/host-files";
import type { Host } from "../host.js";

/** Runs qemu-img to its end; it ends with us, and by the host's signal. @throws QEMU_IMG_NOT_FOUND, `PROGRAM_STOPPED` */
export async function qemuImg(
  words: readonly string[],
  { env, cwd, signal }: Pick<Host, "cwd" | "env" | "signal">,
): Promise<ProgramOutput> {
  try {
    return await runForOutput(["qemu-img", ...words], { env, cwd, signal });
  } catch (error) {
    if (errorCode(error) !== "PROGRAM_NOT_FOUND") throw error;
    throw codedError("QEMU_IMG_NOT_FOUND", "qemu-img is not installed", {
      hint: "Install it: Debian's package qemu-utils, Fedora's qemu-img, Arch's qemu-img.",
    });
  }
}
