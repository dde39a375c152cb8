import { execFile, spawnSync } from "node:child_process";

const LIMIT_MS = 10_000;

/**
 * The version of a QEMU, as `11.1.3`; undefined when the program tells none.
 *
 * @param qemu the program's path
 */
export function readQemuVersion(qemu: string): string | undefined {
  const { stdout } = spawnSync(qemu, ["--version"], { encoding: "utf8", timeout: LIMIT_MS });
  return versionIn(stdout ?? "");
}

/** The same, beside what else is done. */
export function askQemuVersion(qemu: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(qemu, ["--version"], { timeout: LIMIT_MS }, (_error, stdout) => resolve(versionIn(stdout)));
  });
}

function versionIn(text: string): string | undefined {
  return /\bversion (\d+\.\d+(?:\.\d+)*)/.exec(text)?.[1];
}
