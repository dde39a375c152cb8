import { makeDirectory } from "@vm/host-files";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { spawn } from "node:child_process";
import type { BuildWarning } from "../kernel-build.js";

/** A directory laid out for depmod. */
export interface DepmodJob {
  /** The root: `lib/modules/RELEASE` in it holds modules.order and modules.builtin, and depmod writes there. */
  readonly base: string;
  readonly release: string;
  /** The build tree. */
  readonly tree: string;
  /** Module files relative to the tree. */
  readonly files: readonly string[];
  /** The program: a name to be looked up, or a path. */
  readonly depmod: string;
}

/**
 * Runs depmod over exactly these files, which the index then calls `kernel/FILE`. Returns what went wrong, or null.
 * The files are named on its command line, through a link `kernel` to the tree: depmod walks no directory, so what
 * modules.order does not list is not seen, and nothing has to be staged (4,000 links cost a quarter of depmod itself).
 */
export async function runDepmod({
  base,
  release,
  tree,
  files,
  depmod,
}: DepmodJob): Promise<BuildWarning | null> {
  const place = await moduleDirectory({ base, release, depmod });
  if (typeof place !== "string") return place;
  const root = join(base, place, release);
  const kernel = join(root, "kernel");
  const paths = files.map((file) => `${kernel}/${file}`);
  const bytes = paths.reduce((sum, path) => sum + Buffer.byteLength(path) + pointerBytes, 0);
  const named = files.length > 0 && bytes <= maxArgumentBytes;
  if (named) symlinkSync(tree, kernel);
  else stage(kernel, tree, files);
  const words = ["-b", base, "-C", configDirectory(base), release, ...(named ? paths : [])];
  const result = await run(depmod, words);
  const problem = problemOf(result);
  rmSync(kernel, { recursive: true, force: true });
  return problem;
}

/** Modules as they are installed, laid out for depmod. */
export interface InstalledJob extends Pick<DepmodJob, "base" | "release" | "depmod"> {
  /** The directory lib/modules/RELEASE. */
  readonly tree: string;
  /** What is in it that holds modules: `kernel`, `updates`, `extra`. */
  readonly directories: readonly string[];
}

/**
 * Runs depmod over all that is in an installed directory of modules, as if in place: which module of several with one name is taken (that in
 * `updates`) is depmod's own choice.
 */
export async function runInstalledDepmod({
  base,
  release,
  tree,
  directories,
  depmod,
}: InstalledJob): Promise<BuildWarning | null> {
  const place = await moduleDirectory({ base, release, depmod });
  if (typeof place !== "string") return place;
  const links = directories.map((name) => join(base, place, release, name));
  for (const [index, link] of links.entries()) symlinkSync(join(tree, directories[index] ?? ""), link);
  const problem = problemOf(await run(depmod, ["-b", base, "-C", configDirectory(base), release]));
  for (const link of links) rmSync(link);
  return problem;
}

// Linux gives arguments and environment a quarter of the stack's limit, 2 MiB as a rule; a smaller limit is rare.
const maxArgumentBytes = 1_200_000;
const pointerBytes = 9;

const maxStderr = 1 << 20;

/** How depmod ended, and what it complained of first. */
interface DepmodEnd {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stderr: string;
  /** It could not be started. */
  readonly error?: Error;
}

/** A shell's, where there is no such program. */
const NOT_FOUND = 127;

/**
 * depmod unpacks a module into its memory, however large it becomes: so it gets 1 GiB (here in KiB). No module is larger than half of that,
 * and depmod takes 80 MiB for the 4,000 of a distribution.
 */
const limited = `ulimit -d ${2 ** 20}; command -v "$1" >/dev/null || exit ${NOT_FOUND}; exec "$@"`;

function run(depmod: string, argv: readonly string[]): Promise<DepmodEnd> {
  // Not imported: the check of a warm index, which is on every run's path, must not load node:child_process.
  const PATH = `${process.env["PATH"] ?? "/usr/bin:/bin"}:/usr/sbin:/sbin`;
  const env = { ...process.env, PATH, LC_ALL: "C" };
  return new Promise((resolve) => {
    const child = spawn("/bin/sh", ["-c", limited, "sh", depmod, ...argv], {
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      if (stderr.length < maxStderr) stderr += chunk;
    });
    child.once("error", (error) => resolve({ status: null, signal: null, stderr, error }));
    child.once("close", (status, signal) => resolve({ status, signal, stderr }));
  });
}

/**
 * Where this depmod looks below its root: `lib/modules`, or `usr/lib/modules` where kmod was configured so
 * (`--with-module-directory`, kmod 32). Paths on its command line must start with it to become relative ones.
 * An empty tree answers at once: depmod fails on a directory that is not there.
 */
async function moduleDirectory({
  base,
  release,
  depmod,
}: Pick<DepmodJob, "base" | "release" | "depmod">): Promise<string | BuildWarning> {
  const probe = join(base, "probe");
  makeDirectory(join(probe, "lib/modules", release));
  const result = await run(depmod, ["-n", "-b", probe, "-C", configDirectory(base), release]);
  rmSync(probe, { recursive: true });
  if (result.error !== undefined || result.status === NOT_FOUND) {
    return problemOf(result) ?? unusable("it cannot be started");
  }
  if (result.status === 0) return "lib/modules";
  symlinkSync(".", join(base, "usr"));
  return "usr/lib/modules";
}

/** An empty directory of settings: the host's own /etc/depmod.d is for the host's modules. */
function configDirectory(base: string): string {
  const directory = join(base, "depmod.d");
  makeDirectory(directory);
  return directory;
}

/** The long way, for more paths than a command line holds (or none): a link for each module. */
function stage(kernel: string, tree: string, files: readonly string[]): void {
  mkdirSync(kernel);
  for (const directory of new Set(files.map((file) => dirname(file)))) makeDirectory(join(kernel, directory));
  for (const file of files) symlinkSync(join(tree, file), join(kernel, file));
}

function problemOf(result: DepmodEnd): BuildWarning | null {
  if (result.status === NOT_FOUND) {
    const message =
      "depmod is not on this host: the guest will make the index of the modules itself, which is slow";
    return { code: "DEPMOD_MISSING", message, hint: "Install kmod." };
  }
  if (result.error !== undefined) return unusable(result.error.message);
  if (result.status !== 0)
    return unusable(lastLine(result.stderr) || `it ended with ${result.status ?? result.signal}`);
  // It ends well even when it could not read a module (one compressed with what it was built without, for example).
  const complaint = result.stderr.split("\n").find((line) => /\b(?:ERROR|FATAL)\b/.test(line));
  return complaint === undefined ? null : unusable(complaint);
}

function unusable(reason: string): BuildWarning {
  const message = `depmod made no index of the modules, so the guest will make one itself, which is slow: ${reason}`;
  return { code: "DEPMOD_FAILED", message };
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
