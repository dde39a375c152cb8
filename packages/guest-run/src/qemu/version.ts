import { spawnSync } from "node:child_process";

/**
 * The version of a QEMU, as `11.1.3`; undefined when the program tells none.
 *
 * @param qemu the program's path
 */
export function readQemuVersion(qemu: string): string | undefined {
  const { stdout } = spawnSync(qemu, ["--version"], { encoding: "utf8", timeout: 10_000 });
  return /\bversion (\d+\.\d+(?:\.\d+)*)/.exec(stdout ?? "")?.[1];
}
