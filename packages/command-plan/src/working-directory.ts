import fs from "node:fs";

/** The working directory of a plan. The Node process's own never moves: other work may be going on in it. */
export interface WorkingDirectory {
  /** Absolute, with no symbolic link in it. */
  readonly path: string;
  /** What a shell would put in PWD: symbolic links kept as the person wrote them. Absent until it differs from PWD as it is. */
  readonly logical?: string;
}

/** Where a plan starts: the directory given, else that of the process. */
export function openWorkingDirectory(path?: string): WorkingDirectory {
  const here = { path: process.cwd() };
  return path === undefined ? here : changeDirectory(path, here);
}

/** A shell keeps PWD up to date for its programs; some (Go's, gcc) believe it. */
export function programEnvironment(directory: WorkingDirectory, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return directory.logical === undefined ? env : { ...env, PWD: directory.logical };
}

/**
 * The absolute form of a path that a step names. Not `path.resolve`: that takes `link/..` for nothing, where the kernel
 * follows the link.
 */
export function locate(path: string, directory: WorkingDirectory): string {
  if (path.startsWith("/")) return path;
  return directory.path === "/" ? `/${path}` : `${directory.path}/${path}`;
}

/** Does what chdir(2) would do, its errors included. */
export function changeDirectory(path: string, directory: WorkingDirectory): WorkingDirectory {
  const target = locate(path, directory);
  // The trailing dot asks the kernel for the right to search the directory, as chdir(2) does.
  fs.accessSync(`${target}/.`, fs.constants.X_OK);
  const real = fs.realpathSync(target);
  if (path.split("/").includes("..")) return { path: real, logical: real };
  const logical = path.startsWith("/") ? path : `${directory.logical ?? directory.path}/${path}`;
  const names = logical.split("/").filter((name) => name !== "" && name !== ".");
  return { path: real, logical: `/${names.join("/")}` };
}
