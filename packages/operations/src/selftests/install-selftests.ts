import { lstatSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import {
  cacheRoom,
  daysUnused,
  fingerprint,
  isDirectory,
  isFile,
  keptDays,
  makeCacheRoom,
  noteUse,
  readRegularText,
  removeStale,
  runForOutput,
  withDraftUntil,
} from "@vm/host-files";
import { sourceOf } from "@vm/kconfig";
import { foreignPart, isRevision, resolveKernel } from "@vm/kernel-build";
import type { Host } from "../host.js";
import { kernelLookup } from "../kernel/kernel-lookup.js";
import { tellIfLong } from "../long-step.js";
import { remark } from "../notice.js";
import type { SelftestChoice } from "./selftest-words.js";
import { makeSourceView } from "./source-view.js";

export interface WantedSelftests {
  readonly choices: readonly SelftestChoice[];
  /** A kernel source; absent: that of the kernels. */
  readonly source?: string;
  /** What `-k` takes, each. */
  readonly kernels: readonly string[];
}

/** What `make install` of tools/testing/selftests has left in the cache. */
export interface InstalledSelftests {
  /** With run_kselftest.sh in it; absolute. */
  readonly directory: string;
  readonly source: string;
  /** All programs of the targets, in the order of kselftest-list.txt. */
  readonly programs: readonly Required<SelftestChoice>[];
}

const SELFTESTS = "tools/testing/selftests";
const LIST = "kselftest-list.txt";

/**
 * Builds targets on this host, out of the source's tree, once for each state of it: what make would look at is in the name of the place.
 *
 * @throws `SOURCE_UNTRUSTED`, `SELFTESTS_UNKNOWN`, `SELFTESTS_SOURCE`, `SELFTESTS_FOREIGN`, `SELFTESTS_FAILED`
 */
export async function installSelftests(wanted: WantedSelftests, host: Host): Promise<InstalledSelftests> {
  const source = await findSource(wanted, host);
  const targets = [...new Set(wanted.choices.map(({ target }) => target))];
  for (const target of targets) checkTarget(source, target);
  checkTrust(source, targets, host);
  const env = Object.fromEntries(Object.entries(host.env).filter(([name]) => !unwanted.has(name)));
  const compiler = await runForOutput([...compilerOf(env), "--version"], { env, signal: host.signal });
  const key = fingerprint(
    JSON.stringify([
      source,
      targets,
      compiler.stdout,
      named.map((name) => env[name] ?? null),
      stamps(source),
    ]),
  );
  const place = join(cacheRoom(host.cacheDir, "kselftest"), key);
  if (!isFile(join(place, LIST))) await buildInto(source, targets, place, { ...host, env });
  noteUse(join(place, LIST));
  return { directory: place, source, programs: readPrograms(place, targets) };
}

/** As tools/testing/selftests/lib.mk finds it; CC may be several words. */
function compilerOf({ CC, CROSS_COMPILE = "", LLVM }: Host["env"]): [string, ...string[]] {
  const [program, ...words] = (CC ?? "").split(/\s+/).filter((word) => word !== "");
  if (program !== undefined) return [program, ...words];
  return [LLVM === undefined || LLVM === "" ? `${CROSS_COMPILE}gcc` : "clang"];
}

/** The variables of make that change what comes out, and those that would lead it elsewhere. */
const named = ["CC", "CROSS_COMPILE", "ARCH", "LLVM", "CFLAGS", "LDFLAGS", "USERCFLAGS", "USERLDFLAGS"];
const unwanted = new Set([
  "KBUILD_OUTPUT",
  "O",
  "OUTPUT",
  "MAKEFLAGS",
  "MAKELEVEL",
  "INSTALL_PATH",
  "KSFT_INSTALL_PATH",
  "TARGETS",
]);

async function findSource({ source, kernels }: WantedSelftests, host: Host): Promise<string> {
  const hint = "--selftests DIR names the kernel source whose selftests are run.";
  if (source !== undefined) {
    const place = resolve(host.cwd, source);
    const found = sourceOf(place);
    if (found === null) throw codedError("SELFTESTS_SOURCE", `${place} is no kernel source`, { hint });
    return found;
  }
  const found = new Set<string>();
  for (const kernel of kernels) {
    if (isRevision(kernel))
      throw codedError("SELFTESTS_SOURCE", `${kernel} has no source that stays`, { hint });
    const build = await resolveKernel(kernel, kernelLookup(host, "run"));
    if (build.arch !== host.arch) {
      throw codedError(
        "SELFTESTS_FOREIGN",
        `${kernel} is for ${build.arch}: selftests are built for this machine, ${host.arch}`,
      );
    }
    const tree = build.kind === "build-tree" ? sourceOf(build.tree) : null;
    if (tree === null)
      throw codedError("SELFTESTS_SOURCE", `${kernel} has no kernel source beside it`, { hint });
    found.add(tree);
  }
  const [first, second] = found;
  if (first === undefined || second !== undefined) {
    throw codedError("SELFTESTS_SOURCE", `the kernels are of several sources: ${[...found].join(", ")}`, {
      hint,
    });
  }
  return first;
}

/** A Makefile is a program. */
function checkTrust(source: string, targets: readonly string[], { mayMake }: Host): void {
  if (mayMake?.(source) === false) {
    throw codedError(
      "SOURCE_UNTRUSTED",
      `the selftests of ${source} are not built: its make would run on this machine`,
      {
        hint: "Only the person can allow that.",
      },
    );
  }
  const selftests = join(source, SELFTESTS);
  const foreign = foreignPart([source, selftests, ...targets.map((target) => join(selftests, target))]);
  if (foreign === null) return;
  throw codedError("SOURCE_UNTRUSTED", `the selftests of ${source} are not built: ${foreign}`, {
    hint: "make would run whatever that user writes there. Copy the source, or take what is writable away from others.",
  });
}

function checkTarget(source: string, target: string): void {
  if (isFile(join(source, SELFTESTS, target, "Makefile"))) return;
  throw codedError("SELFTESTS_UNKNOWN", `${source} has no selftests ${JSON.stringify(target)}`, {
    hint: `Targets are the directories of ${join(source, SELFTESTS)}.`,
  });
}

/** What make looks at of the files that selftests are made of. */
function stamps(source: string): string[] {
  const found: string[] = [];
  const walk = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) walk(path);
      else {
        const { size, mtimeMs } = lstatSync(path);
        found.push(`${path} ${size} ${mtimeMs}`);
      }
    }
  };
  const arches = readdirSync(join(source, "arch")).map((arch) => join("arch", arch, "include/uapi"));
  for (const name of ["tools", "include/uapi", ...arches]) {
    const directory = join(source, name);
    if (isDirectory(directory)) walk(directory);
  }
  return found.toSorted();
}

async function buildInto(
  source: string,
  targets: readonly string[],
  place: string,
  host: Host,
): Promise<void> {
  const { env, signal, cacheDir } = host;
  const room = makeCacheRoom(cacheDir, "kselftest");
  if (/[\s:]/.test(room)) {
    throw codedError(
      "SELFTESTS_FAILED",
      `the kernel's make takes no path with a space or a colon in it: ${room}`,
    );
  }
  removeStale(room, (path) => daysUnused(join(path, LIST)) > keptDays);
  host.notice(remark(`building the selftests ${targets.join(", ")} of ${source}`));
  const build = (): Promise<void> =>
    withDraftUntil(room, async (draft) => {
      const [view, output, install] = ["source", "build", "install"].map((name) => join(draft, name));
      if (view === undefined || output === undefined || install === undefined) return;
      await makeSourceView(source, view, { signal });
      mkdirSync(output);
      const jobs = `-j${availableParallelism()}`;
      const run = { env, signal, cwd: draft };
      await make(["make", "-s", jobs, "-C", view, `O=${output}`, "headers"], "their headers", run);
      await make(
        [
          "make",
          "-s",
          jobs,
          "-C",
          join(view, SELFTESTS),
          `O=${output}`,
          `TARGETS=${targets.join(" ")}`,
          "SKIP_TARGETS=",
          "FORCE_TARGETS=1",
          `KSFT_INSTALL_PATH=${install}`,
          "install",
        ],
        targets.join(", "),
        run,
      );
      readPrograms(install, targets);
      try {
        renameSync(install, place);
      } catch (error) {
        // Another one was faster.
        if (!isFile(join(place, LIST))) throw error;
      }
    });
  await tellIfLong("the selftests are being built", build, host);
}

async function make(
  argv: readonly [string, ...string[]],
  what: string,
  run: { readonly env: Host["env"]; readonly signal: AbortSignal | undefined; readonly cwd: string },
): Promise<void> {
  const { exitCode, stdout, stderr } = await runForOutput(argv, run);
  if (exitCode === 0) return;
  const lines = `${stdout}\n${stderr}`
    .split("\n")
    .filter((line) => /\berror\b|\*\*\*|not found|no such file/i.test(line));
  throw codedError(
    "SELFTESTS_FAILED",
    `the selftests cannot be built (${what}): ${lines[0]?.trim() ?? stderr.trim().slice(-500)}`,
    {
      hint: "A target that lacks a library or a program on this host has to be left out, or what it lacks installed.",
    },
  );
}

/** @throws `SELFTESTS_FAILED` where a target has no programs, or a list is none */
function readPrograms(directory: string, targets: readonly string[]): Required<SelftestChoice>[] {
  const programs = readRegularText(join(directory, LIST))
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [, target = "", program = ""] = /^([\w./+-]+):([\w.+-]+)$/.exec(line) ?? [];
      if (program === "")
        throw codedError(
          "SELFTESTS_FAILED",
          `${join(directory, LIST)} names no test: ${JSON.stringify(line)}`,
        );
      return { target, program };
    });
  const empty = targets.find((target) => !programs.some((each) => each.target === target));
  if (empty !== undefined) {
    throw codedError("SELFTESTS_FAILED", `the target ${empty} has installed no tests`, {
      hint: "It has none for this architecture, or lacks something on this host: `make -C tools/testing/selftests TARGETS=...` says more.",
    });
  }
  return programs;
}
