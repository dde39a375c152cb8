import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { execute, toScript } from "@vm/command-plan";
import { beforeEach, describe, expect, test } from "vitest";
import type { GitBuild, GitBuildRequest } from "../../src/index.js";
import {
  buildGitRevision,
  configureGitRevision,
  gitBuildPlan,
  removalOfGitBuild,
  resolveKernel,
} from "../../src/index.js";
import { failure } from "../failure.js";
import { put, temporaryDirectory, x86Config } from "../made-up-tree.js";

/** What stands for the kernel's own make: the targets, the questions and the files that it leaves. */
const makefile = String.raw`
C := $(if $(KCONFIG_CONFIG),$(KCONFIG_CONFIG),$(O)/.config)
defconfig:
	cp x86.config $(C)
olddefconfig:
	awk -F= '{ last[$$1] = $$0 } END { for (name in last) print last[name] }' $(C) | sort >$(C).sorted
	mv $(C).sorted $(C)
all:
	@! grep -q BROKEN version || { echo "version:1: error: no" >&2; exit 2; }
	mkdir -p $(O)/include/config $(O)/arch/x86/boot
	touch $(O)/include/config/auto.conf $(O)/modules.order
	cat version >$(O)/include/config/kernel.release
	echo compiled >>$(O)/log
	printf '%514sHdrS%100s' '' '' >$(O)/arch/x86/boot/bzImage
`;

let repository: string;
let cacheDir: string;

function git(...argv: readonly string[]): string {
  const identity = ["-c", "user.name=me", "-c", "user.email=me@here"];
  return execFileSync("git", ["-C", repository, ...identity, ...argv], { encoding: "utf8" }).trim();
}

function commit(version: string): void {
  writeFileSync(join(repository, "version"), `${version}\n`);
  git("add", "-A");
  git("commit", "-q", "-m", version);
}

beforeEach(() => {
  const directory = temporaryDirectory();
  repository = join(directory, "my linux");
  cacheDir = join(directory, "cache");
  put(repository, "Makefile", makefile);
  put(repository, "x86.config", x86Config);
  put(repository, "Kbuild", "");
  put(repository, "Kconfig", "");
  execFileSync("git", ["init", "-q", "-b", "main", repository]);
  commit("6.1.0");
  git("tag", "v6.1");
  commit("6.2.0");
});

function plan(revision: string, more: Partial<GitBuildRequest> = {}): GitBuild {
  return gitBuildPlan({
    revision,
    cwd: repository,
    cacheDir,
    settings: "CONFIG_OVERLAY_FS=y\n",
    jobs: 2,
    ...more,
  });
}

async function build(revision: string, more: Partial<GitBuildRequest> = {}): Promise<GitBuild> {
  const planned = plan(revision, more);
  await buildGitRevision(planned, { stdio: ["ignore", "ignore", "ignore"] });
  return planned;
}

/** Nobody else on this machine sleeps for so long. */
const SLEEP = `sleep 98700.${process.pid}`;

function sleeping(): boolean {
  return spawnSync("pgrep", ["-xf", SLEEP]).status === 0;
}

/** The error of a build that must fail. */
async function failed(building: Promise<unknown>): Promise<unknown> {
  return await building.then(
    () => "nothing was thrown",
    (error: unknown) => error,
  );
}

describe("a git revision", () => {
  test("is built beside the working tree, with the fragments, and is a build tree then", async () => {
    writeFileSync(join(repository, "version"), "changed by hand\n");
    const { tree, commit: hash } = await build("v6.1");
    expect(hash).toBe(git("rev-parse", "v6.1"));
    expect(await resolveKernel(tree, { cwd: "/" })).toMatchObject({
      kind: "build-tree",
      release: "6.1.0",
      modules: "built",
      options: { CONFIG_OVERLAY_FS: "y", CONFIG_X86_64: "y" },
      warnings: [],
    });
    expect(readFileSync(join(repository, "version"), "utf8")).toBe("changed by hand\n");
    expect(git("status", "--porcelain")).toBe("M version");
  });

  test("starts no hook, monitor or diff program of its repository, also where it is removed", async () => {
    const ran = join(cacheDir, "..", "ran");
    const program = join(cacheDir, "..", "program");
    writeFileSync(program, `#!/bin/sh\necho "$0" >>${ran}\n`, { mode: 0o755 });
    put(repository, ".git/hooks/post-checkout", readFileSync(program, "utf8"));
    chmodSync(join(repository, ".git/hooks/post-checkout"), 0o755);
    git("config", "core.fsmonitor", program);
    git("config", "diff.external", program);
    const { tree } = await build("HEAD");
    git("-c", "core.fsmonitor=false", "commit", "-q", "--allow-empty", "-m", "next");
    await build("HEAD");
    await execute(removalOfGitBuild(dirname(tree)));
    expect(existsSync(join(tree, "../source"))).toBe(false);
    expect(existsSync(ran)).toBe(false);
    git("status");
    expect(existsSync(ran)).toBe(true);
  });

  test("that is built is not built again, until commit or configuration change", async () => {
    const first = await build("HEAD");
    expect(plan("HEAD")).toEqual({ ...first, state: "built", plan: [], configuration: [] });
    expect(plan("HEAD", { settings: "CONFIG_TMPFS=y\n" }).state).toBe("to-build");
    commit("6.3.0");
    expect(plan("HEAD").state).toBe("to-build");
    const second = await build("HEAD");
    expect(second.tree).toBe(first.tree);
    expect((await resolveKernel(second.tree, { cwd: "/" })).release).toBe("6.3.0");
    expect(readFileSync(join(second.tree, "log"), "utf8")).toBe("compiled\ncompiled\n");
  });

  test("can be configured alone, and is built then all the same", async () => {
    const planned = plan("v6.1");
    await configureGitRevision(planned, { stdio: ["ignore", "ignore", "ignore"] });
    expect(readFileSync(join(planned.tree, ".config"), "utf8")).toContain("CONFIG_OVERLAY_FS=y\n");
    expect(existsSync(join(planned.tree, "log"))).toBe(false);
    expect(plan("v6.1").state).toBe("to-build");
    await build("v6.1");
    expect(plan("v6.1").state).toBe("built");
  });

  test("of another commit with the same configuration leaves .config and its time alone", async () => {
    const { tree } = await build("HEAD");
    utimesSync(join(tree, ".config"), 1000, 1000);
    commit("6.3.0");
    await build("HEAD");
    expect(statSync(join(tree, ".config")).mtimeMs).toBe(1_000_000);
  });

  test("of every name has a place of its own, wherever in the repository one stands", async () => {
    put(repository, "drivers/x.c", "");
    expect(plan("v6.1").tree).not.toBe(plan("HEAD~1").tree);
    expect(plan("v6.1", { cwd: join(repository, "drivers") }).tree).toBe(plan("v6.1").tree);
    expect(plan("v6.1", { env: { ARCH: "arm64", CROSS_COMPILE: "any-" } }).tree).not.toBe(plan("v6.1").tree);
  });

  test("for another architecture is made with its ARCH= and its compiler, which has to be there", () => {
    const bin = temporaryDirectory();
    put(bin, "aarch64-linux-gnu-gcc", "");
    chmodSync(join(bin, "aarch64-linux-gnu-gcc"), 0o755);
    const made = plan("v6.1", { arch: "aarch64", env: { PATH: bin } }).plan.flatMap((step) =>
      step.kind === "run" && step.argv.includes("make") ? [step.argv.join(" ")] : [],
    );
    expect(made).toHaveLength(3);
    for (const line of made) expect(line).toContain(" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- ");
    expect(() => plan("v6.1", { arch: "aarch64", env: { PATH: "/nowhere" } })).toThrow(
      expect.objectContaining({ code: "CROSS_COMPILER_MISSING" }),
    );
  });

  test("is built by the script of its plan too", async () => {
    const { tree, plan: steps } = plan("v6.1");
    execFileSync("sh", ["-c", toScript(steps)], { stdio: "ignore", input: "" });
    expect(plan("v6.1").state).toBe("built");
    expect((await resolveKernel(tree, { cwd: "/" })).release).toBe("6.1.0");
  });

  test("is built again where the place was removed by hand", async () => {
    const { tree } = await build("v6.1");
    rmSync(join(tree, ".."), { recursive: true });
    await build("v6.1");
    expect((await resolveKernel(tree, { cwd: "/" })).release).toBe("6.1.0");
  });

  test("that does not compile has an error of its own, and the next one is built", async () => {
    commit("BROKEN");
    const error = await failed(build("HEAD"));
    expect(error).toMatchObject({ code: "KERNEL_BUILD_FAILED" });
    expect(String(error)).toContain(`HEAD (${git("rev-parse", "HEAD").slice(0, 12)}) cannot be built`);
    expect(plan("HEAD").state).toBe("to-build");
    commit("6.4.0");
    const { tree } = await build("HEAD");
    expect((await resolveKernel(tree, { cwd: "/" })).release).toBe("6.4.0");
  });

  test("that git cannot check out is another error", async () => {
    const planned = plan("HEAD");
    rmSync(join(repository, ".git/objects"), { recursive: true });
    expect(await failed(buildGitRevision(planned, { stdio: ["ignore", "ignore", "ignore"] }))).toMatchObject({
      code: "GIT_CHECKOUT_FAILED",
    });
  });

  test("that is interrupted leaves no make behind, and is built the next time", async () => {
    writeFileSync(join(repository, "Makefile"), makefile.replace("all:\n", `all:\n\t${SLEEP}\n`));
    git("commit", "-q", "-a", "-m", "slow");
    const { plan: steps } = plan("HEAD");
    const building = spawn("sh", ["-c", toScript(steps)], { stdio: "ignore", detached: true });
    const ended = new Promise((resolve) => building.on("close", resolve));
    while (!sleeping()) await new Promise((resolve) => setTimeout(resolve, 50));
    const make = execFileSync("pgrep", ["-f", `^make -C .*/source O=${join(cacheDir, "git")}`], {
      encoding: "utf8",
    });
    // As `execute` passes it on: to the program that it started, and not to what that one started.
    process.kill(Number(make), "SIGTERM");
    await ended;
    expect(sleeping()).toBe(false);
    expect(plan("HEAD").state).toBe("to-build");
  });

  test("many at once do not disturb each other, from whichever working tree of the repository", async () => {
    const elsewhere = join(cacheDir, "../elsewhere");
    git("worktree", "add", "-q", "--detach", elsewhere, "v6.1");
    const names = ["v6.1", "v6.1~0", "v6.1^0", "HEAD~1", "main~1"];
    const built = await Promise.all([
      ...names.map(async (name) => await build(name)),
      build("main"),
      build("HEAD", { cwd: elsewhere }),
    ]);
    const found = await Promise.all(built.map(({ tree }) => resolveKernel(tree, { cwd: "/" })));
    expect(found.map(({ release }) => release)).toEqual([...names.map(() => "6.1.0"), "6.2.0", "6.1.0"]);
  });

  test("unused for long is pruned, with its entry in the repository", async () => {
    const { tree, source } = await build("v6.1");
    for (const name of ["built", "repository"]) utimesSync(join(tree, "..", name), 1000, 1000);
    await build("HEAD");
    expect(existsSync(join(tree, ".."))).toBe(false);
    expect(git("worktree", "list")).not.toContain(source);
  });
});

describe("a name that is no revision of a kernel", () => {
  test("is told apart from a place that is no repository, and from a repository of something else", () => {
    expect(failure(() => plan("v9.9"))).toMatchObject({ code: "GIT_REVISION_UNKNOWN" });
    expect(failure(() => plan(""))).toMatchObject({ code: "GIT_REVISION_UNKNOWN" });
    expect(failure(() => plan("--all")).code).toBe("GIT_REVISION_UNKNOWN");
    expect(failure(() => plan("HEAD", { cwd: temporaryDirectory() })).code).toBe("NOT_A_KERNEL_REPOSITORY");
    expect(failure(() => plan("HEAD", { cacheDir: "/tmp/a cache" })).code).toBe("CACHE_UNUSABLE");
    git("rm", "-q", "Kbuild");
    git("commit", "-q", "-m", "no kernel");
    expect(failure(() => plan("HEAD")).code).toBe("NOT_A_KERNEL_REPOSITORY");
  });
});
