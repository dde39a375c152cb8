import fs from "node:fs";
import path from "node:path";

/** The variables of the environment. */
type Environment = Readonly<Record<string, string | undefined>>;

/** The absolute path of a program in PATH, as execvp(3) would find it, or undefined. Starts nothing. */
export function findProgram(name: string, env: Environment, cwd?: string): string | undefined {
  return programPlaces(name, env, cwd).find(isProgram);
}

/** Where in PATH a program of that name could be: absolute paths, in order. */
export function programPlaces(name: string, env: Environment, cwd = "."): string[] {
  // POSIX: an empty entry is the current directory. Absolute, because a program may be started in another one.
  return (env["PATH"] ?? "").split(path.delimiter).map((directory) => path.resolve(cwd, directory, name));
}

/** Whether something there can be executed. */
export function isProgram(file: string): boolean {
  try {
    // Most places have nothing of that name: no exception is made for them.
    if (fs.statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
    fs.accessSync(file, fs.constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of util-linux's program of that name in PATH; busybox has some of the same names, which can do less. */
export function findUtilLinux(name: string, env: Environment): string | undefined {
  const found = findProgram(name, env);
  return found === undefined || path.basename(fs.realpathSync.native(found)).startsWith("busybox")
    ? undefined
    : found;
}
