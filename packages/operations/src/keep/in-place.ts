import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { codedError, quoteShell, type Plan, type Step } from "@vm/command-plan";
import { configImages, readImageHeader, type VmConfig } from "@vm/vm-store";
import type { Host } from "../host.js";
import { qemuImg } from "./qemu-img.js";

/** What stands in a VM's directory while qemu-img changes an image where it stands. */
const CHANGING_FILE = ".changing";

/**
 * Steps that change images where they stand. A qemu-img that is killed meanwhile loses nothing of a guest's, but may leave an image with wrong
 * counts of its clusters: so it is written down, and mended before the VM is used again. A kill of the whole terminal or process group does not
 * reach it.
 */
export function inPlace(directory: string, commands: readonly (readonly string[])[]): Plan {
  const record = join(directory, CHANGING_FILE);
  return [
    { kind: "write-file", path: record, content: "" },
    ...commands.map((words): Step => ({ kind: "run", argv: ["setsid", "qemu-img", ...words] })),
    { kind: "remove", path: record },
  ];
}

/** Whether a change was killed, and nobody has mended since what it may have left. */
export function needsMending(directory: string): boolean {
  return existsSync(join(directory, CHANGING_FILE));
}

/** Mends what a change that was killed has left; when it is ended itself, the next one does. For who holds the VM's lock. @throws VM_NOT_MENDED */
export async function mendImages(
  { directory, name, qemuOptions }: Pick<VmConfig, "directory" | "name" | "qemuOptions">,
  host: Pick<Host, "cwd" | "env" | "signal">,
): Promise<void> {
  if (!needsMending(directory)) return;
  const images = configImages(qemuOptions, directory).filter(
    ({ kind, access, path }) => kind !== "medium" && access === "read-write" && existsSync(path),
  );
  for (const { path, name: image } of images) {
    if (readImageHeader(path).format !== "qcow2") continue;
    const { exitCode, stderr } = await qemuImg(["check", "-q", "-r", "all", path], host);
    if (exitCode === 0 || exitCode === 3) continue;
    const message = `${name}: a change of ${image} was killed, and it cannot be checked: ${stderr.trim()}`;
    throw codedError("VM_NOT_MENDED", message, {
      hint: `Where another program uses it, wait for its end. Else: qemu-img check -r all ${quoteShell(path)}`,
    });
  }
  rmSync(join(directory, CHANGING_FILE), { force: true });
}
