import { availableParallelism } from "node:os";
import { isAbsolute, join } from "node:path";
import type { ExecuteOptions, Plan, Step } from "@vm/command-plan";
import { codedError, execute } from "@vm/command-plan";
import {
  cacheRoom,
  fingerprint,
  isFile,
  makeCacheRoom,
  noteUse,
  readableText,
  makeDirectory,
} from "@vm/host-files";
import { findArchitecture } from "@vm/architectures";
import { crossCompile } from "../tree/cross-compiler.js";
import { pruneBuilds } from "./git-build-pruning.js";
import { oneGitAtATime, quietGit } from "./git-lock.js";
import { findRevision } from "./git-revision.js";

export interface GitBuildRequest {
  /** What stands after `git:`: a branch, a tag, a hash, `HEAD~3`. */
  readonly revision: string;
  /** Where the person stands, in the kernel's repository. Absolute. */
  readonly cwd: string;
  /** vm's cache directory. Absolute. */
  readonly cacheDir: string;
  /** Lines of a `.config`, as the fragments in configs/ have them: they come after the base, and of two lines for one option the last counts. */
  readonly settings: string;
  /** What they are added to: a target of make, or a file (absolute). Default: `defconfig`. */
  readonly base?: string;
  /** How many compilers at once. Default: one for each CPU. */
  readonly jobs?: number;
  /** The architecture to build for, by any of its names. Default: `ARCH` of the environment, else the host's. */
  readonly arch?: string;
  /** Make gets it as it is. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The build of a revision. One name has one place: `git:HEAD` is built again where it was built the last time, so that a bisection
 * compiles only what differs from step to step, and `git:v6.12` beside it keeps its own tree.
 */
export interface GitBuild {
  /** As it was named. */
  readonly revision: string;
  /** The full hash. */
  readonly commit: string;
  /** The working tree that git adds to the repository, in the cache. */
  readonly source: string;
  /** The build tree, `O=`: for `resolveKernel` when it is built. */
  readonly tree: string;
  /** Whether it is built, from this commit with this configuration: then the plan is empty. */
  readonly state: "built" | "to-build";
  readonly plan: Plan;
  /** The part of the plan that makes the configuration, `.config` of `tree`; empty when it is built. */
  readonly configuration: Plan;
}

/*
 *     CACHE/git/HASH.lock    one git at a time for each repository: beside a `git worktree add` that has not ended, others fail
 *     CACHE/git/NAME-HASH/   HASH: of the repository, the name, the architecture
 *       source/              a working tree of the repository (git worktree)
 *       build/               O=
 *       built                commit and configuration of what stands there; its time is that of the last use
 *       repository           its path
 */

const roomName = "git";

/**
 * Plans the build of a revision; reads only. Two at once are safe: git and make wait for each other, and one whose source was exchanged
 * under it fails. Throws CACHE_UNUSABLE, CACHE_UNTRUSTED, NOT_A_KERNEL_REPOSITORY, GIT_REVISION_UNKNOWN, GIT_MISSING, CROSS_COMPILER_MISSING.
 */
export function gitBuildPlan(request: GitBuildRequest): GitBuild {
  const { revision, cwd, cacheDir, settings, base = "defconfig", env = process.env } = request;
  const { jobs = availableParallelism() } = request;
  const { repository, shared, commit } = findRevision(revision, cwd);
  const asked = request.arch ?? env["ARCH"] ?? "";
  const arch = findArchitecture(asked)?.makeArch ?? asked;
  const name = revision.replace(/[^\w.-]+/g, "-");
  const room = cacheRoom(cacheDir, roomName);
  const place = join(room, `${name}-${fingerprint([repository, revision, arch].join("\0"))}`);
  if (/[\s:]/.test(place)) {
    throw codedError(
      "CACHE_UNUSABLE",
      `the kernel's make takes no path with a space or a colon in it: ${place}`,
    );
  }
  const [source, tree] = [join(place, "source"), join(place, "build")];
  const content = `${commit}\n${fingerprint(`${base}\0${settings}`)}\n`;
  const common = { revision, commit, source, tree };
  if (isBuilt(place, content)) return { ...common, state: "built", plan: [], configuration: [] };
  const prefix = crossCompile(asked, { env });
  const target = [
    ...(arch === "" ? [] : [`ARCH=${arch}`]),
    ...(prefix === undefined ? [] : [`CROSS_COMPILE=${prefix}`]),
  ];
  const locked = (...argv: readonly [string, ...string[]]): Step => ({
    kind: "run",
    // No fork: a signal that ends the plan reaches make itself.
    argv: ["flock", "--no-fork", join(place, "lock"), ...argv],
    input: "",
  });
  const git = (...argv: readonly string[]): Step =>
    locked(...oneGitAtATime(room, shared), ...quietGit, ...argv);
  const make = (...argv: readonly [string, ...string[]]): Step =>
    locked("make", "-C", source, `O=${tree}`, ...target, ...argv);
  const draft = join(tree, ".config.new");
  const configuration: Step[] = [
    { kind: "comment", text: `Linux at ${commit}, which ${revision} is in ${repository}.` },
    { kind: "make-directory", path: room, parents: true, mode: 0o700 },
    { kind: "make-directory", path: tree, parents: true },
    { kind: "write-file", path: join(place, "repository"), content: `${repository}\n` },
    { kind: "remove", path: join(place, "built"), recursive: true },
    isFile(join(source, ".git"))
      ? git("-C", source, "checkout", "--quiet", "--force", "--detach", commit)
      : // Twice: also where one of this name was removed by hand.
        git("-C", repository, "worktree", "add", "-f", "-f", "--quiet", "--detach", source, commit),
    {
      kind: "comment",
      text: "The configuration, anew for each revision: an option that an older one lacks is not lost.",
    },
    isAbsolute(base)
      ? { kind: "run", argv: ["cp", "--no-preserve=all", "--", base, draft] }
      : make("-s", `KCONFIG_CONFIG=${draft}`, base),
    {
      kind: "run",
      argv: ["dd", `of=${draft}`, "oflag=append", "conv=notrunc", "status=none"],
      input: `\n${settings}`,
    },
    make("-s", `KCONFIG_CONFIG=${draft}`, "olddefconfig"),
    // An unchanged file keeps its time, and nothing is built because of it.
    { kind: "run", argv: ["install", "-C", "-m", "644", draft, join(tree, ".config")] },
  ];
  const plan: Step[] = [
    ...configuration,
    make(`-j${jobs}`, "all"),
    // Another `vm` may have put another commit there meanwhile.
    { kind: "run", argv: [...quietGit, "-C", source, "diff", "--quiet", "--no-ext-diff", commit, "--"] },
    { kind: "write-file", path: join(place, "built"), content },
  ];
  return { ...common, state: "to-build", plan, configuration };
}

/**
 * Builds it: what git and make print goes to standard error. Then `resolveKernel(tree)` finds it.
 * Throws KERNEL_BUILD_FAILED when the revision cannot be configured or compiled, BUILD_INTERRUPTED (with `exitCode`, 128 + N),
 * GIT_CHECKOUT_FAILED, and the plan's own errors.
 */
export async function buildGitRevision(build: GitBuild, options: ExecuteOptions = {}): Promise<void> {
  if (build.state === "built") noteUse(join(build.tree, "../built"));
  else await executeBuild(build, build.plan, options);
}

/** Makes its configuration only, `.config` in `tree`. Throws what `buildGitRevision` throws. */
export async function configureGitRevision(build: GitBuild, options: ExecuteOptions = {}): Promise<void> {
  if (build.state === "to-build") await executeBuild(build, build.configuration, options);
}

async function executeBuild(
  { source, tree, revision, commit }: GitBuild,
  plan: Plan,
  { stdio = ["ignore", 2, 2], ...options }: ExecuteOptions,
): Promise<void> {
  const place = join(tree, "..");
  await pruneBuilds(makeCacheRoom(join(place, "../.."), roomName), place);
  makeDirectory(place);
  const { failure } = await execute(plan, { ...options, stdio });
  if (failure === undefined) return;
  const { step, error } = failure;
  if (error.code === "PLAN_INTERRUPTED") {
    const interrupted = codedError("BUILD_INTERRUPTED", `the build of ${revision} was interrupted`, {
      hint: "What was compiled is kept: the same command goes on from there.",
      cause: error,
    });
    throw "exitCode" in error ? Object.assign(interrupted, { exitCode: error.exitCode }) : interrupted;
  }
  if (step.kind !== "run" || error.code !== "PROGRAM_FAILED") throw error;
  const named = `${revision} (${commit.slice(0, 12)})`;
  if (step.argv.includes("make")) {
    throw codedError("KERNEL_BUILD_FAILED", `${named} cannot be built: ${error.message}`, {
      hint: `What make said is above; \`make -C ${tree}\` tries again.`,
      cause: error,
    });
  }
  if (step.argv.includes("git")) {
    throw codedError("GIT_CHECKOUT_FAILED", `${named} cannot be put in ${source}: ${error.message}`, {
      hint: "What git said is above; or another vm put another commit there meanwhile.",
      cause: error,
    });
  }
  throw error;
}

function isBuilt(place: string, content: string): boolean {
  return readableText(join(place, "built")) === content;
}
