import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { basename, delimiter, join, resolve } from "node:path";

/** The absolute path of a program in PATH, or undefined. Starts nothing. */
export function findProgram(name: string, env: NodeJS.ProcessEnv): string | undefined {
  for (const directory of (env["PATH"] ?? "").split(delimiter)) {
    // POSIX: an empty entry is the current directory. Absolute, because QEMU runs in the VM's directory.
    const path = resolve(join(directory === "" ? "." : directory, name));
    if (isProgram(path)) return path;
  }
  return undefined;
}

/** Whether a program in PATH is util-linux's; busybox has some of the same names, which can do less. */
export function isUtilLinux(name: string, env: NodeJS.ProcessEnv): boolean {
  const path = findProgram(name, env);
  return path !== undefined && !basename(realpathSync(path)).startsWith("busybox");
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
