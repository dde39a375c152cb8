import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ModulesIndex } from "../../src/index.js";
import { checkModulesIndex, ensureModulesIndex, modulesReport, resolveKernel } from "../../src/index.js";
import { compiledModules, install, makeTree, put, temporaryDirectory } from "../made-up-tree.js";

const objects = compiledModules();

const lists = {
  "before 5.4": "kernel/fs/core.ko\nkernel/drivers/net/user.ko\nkernel/drivers/net/device.ko\n",
  "before 6.2": "fs/core.ko\ndrivers/net/user.ko\ndrivers/net/device.ko\n",
  "since 6.2": "fs/core.o\ndrivers/net/user.o\ndrivers/net/device.o\n",
};

function builtTree(modulesOrder: string = lists["since 6.2"]): string {
  const tree = makeTree(join(temporaryDirectory(), "linux"), { modulesOrder });
  install(tree, "fs/core.ko", objects.core);
  install(tree, "drivers/net/user.ko", objects.user);
  install(tree, "drivers/net/device.ko", objects.device);
  return tree;
}

async function ensure(tree: string, cacheDir: string, depmod?: string) {
  return ensureModulesIndex(await resolveKernel(tree, { cwd: "/" }), {
    cacheDir,
    ...(depmod === undefined ? {} : { depmod }),
  });
}

async function ready(tree: string, cacheDir: string, depmod?: string): Promise<ModulesIndex> {
  const index = await ensure(tree, cacheDir, depmod);
  if (index.state === "none") throw new Error(index.problem.message);
  return index;
}

function read(index: ModulesIndex, name: string): string {
  return readFileSync(join(index.directory, name), "utf8");
}

/** Every path below a directory with its size and time, to see that nothing was touched. */
function listing(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).map((name) => {
    const { mtimeMs, size } = statSync(join(directory, name));
    return `${name} ${size} ${mtimeMs}`;
  });
}

/** Modules `0/m0.ko`, `1/m1.ko`... in so many directories. */
function largeTree({ modules, directories }: { modules: number; directories: number }): string {
  const names = Array.from({ length: modules }, (_, number) => `${number % directories}/m${number}`);
  const tree = makeTree(join(temporaryDirectory(), "linux"), {
    modulesOrder: names.map((name) => `${name}.o\n`).join(""),
  });
  install(tree, "object", objects.device);
  for (const name of names) {
    mkdirSync(join(tree, name, ".."), { recursive: true });
    linkSync(join(tree, "object"), join(tree, `${name}.ko`));
  }
  return tree;
}

/** A program named depmod. */
function fake(script: string): string {
  const path = join(temporaryDirectory(), "depmod");
  writeFileSync(path, `#!/bin/sh\nPATH=$PATH:/usr/sbin:/sbin\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe("the index of a build", () => {
  test.each(Object.entries(lists))(
    "holds all files of the contract, from the modules.order of %s",
    async (_, modulesOrder) => {
      const index = await ready(builtTree(modulesOrder), temporaryDirectory());
      expect(index).toMatchObject({ state: "made", release: "6.1.0", count: 3, warnings: [] });
      const names =
        "order builtin builtin.modinfo dep dep.bin alias alias.bin symbols symbols.bin softdep devname builtin.bin builtin.alias.bin";
      const absent = names.split(" ").filter((name) => !existsSync(join(index.directory, `modules.${name}`)));
      expect(absent).toEqual([]);
      expect(read(index, "release")).toBe("6.1.0\n");
      expect(read(index, "modules.order")).toBe(
        "kernel/fs/core.ko\nkernel/drivers/net/user.ko\nkernel/drivers/net/device.ko\n",
      );
      expect(read(index, "modules.dep")).toBe(
        "kernel/fs/core.ko:\nkernel/drivers/net/user.ko: kernel/fs/core.ko\nkernel/drivers/net/device.ko:\n",
      );
      expect(read(index, "modules.alias")).toContain("alias pci:v00001AF4d00001000sv*sd*bc*sc*i* device");
    },
  );

  test("is what modprobe resolves names and aliases with", async () => {
    const tree = builtTree();
    const index = await ready(tree, temporaryDirectory());
    const root = temporaryDirectory();
    const modules = join(root, "lib/modules/6.1.0");
    mkdirSync(modules, { recursive: true });
    execFileSync("cp", [
      "-L",
      ...readdirSync(index.directory)
        .filter((name) => name.startsWith("modules."))
        .map((name) => join(index.directory, name)),
      modules,
    ]);
    execFileSync("ln", ["-s", tree, join(modules, "kernel")]);
    const resolve = (name: string): string =>
      execFileSync("modprobe", ["-d", root, "-S", "6.1.0", "--show-depends", name], {
        encoding: "utf8",
        env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` },
      });
    expect(resolve("user")).toBe(
      `insmod ${modules}/kernel/fs/core.ko \ninsmod ${modules}/kernel/drivers/net/user.ko \n`,
    );
    expect(resolve("pci:v00001AF4d00001000sv00000000sd00000000bc02sc00i00")).toContain(
      "drivers/net/device.ko",
    );
    expect(resolve("ext4")).toBe("builtin ext4\n");
  });

  test("does not see a stale .ko that modules.order no longer lists", async () => {
    const tree = builtTree();
    install(tree, "drivers/net/changed.ko", objects.changed);
    const index = await ready(tree, temporaryDirectory());
    expect(index.count).toBe(3);
    expect(read(index, "modules.alias")).not.toContain("DEAD");
  });

  test("of a kernel with everything built in is empty and valid", async () => {
    const index = await ready(makeTree(join(temporaryDirectory(), "linux")), temporaryDirectory());
    expect(index).toMatchObject({ state: "made", count: 0 });
    expect(read(index, "modules.dep")).toBe("");
    expect(existsSync(join(index.directory, "modules.builtin.bin"))).toBe(true);
  });

  test("names compressed modules by their own file", async () => {
    const tree = builtTree();
    execFileSync("xz", ["--check=crc32", join(tree, "fs/core.ko")]);
    execFileSync("zstd", ["-q", "--rm", join(tree, "drivers/net/device.ko")]);
    const index = await ready(tree, temporaryDirectory());
    expect(read(index, "modules.dep")).toBe(
      "kernel/fs/core.ko.xz:\nkernel/drivers/net/user.ko: kernel/fs/core.ko.xz\nkernel/drivers/net/device.ko.zst:\n",
    );
    expect(read(index, "modules.alias")).toContain("d00001000");
  });

  test("works for trees and caches with spaces, commas and non-ASCII letters in their paths", async () => {
    const parent = join(temporaryDirectory(), "my kernels, çok güzel");
    mkdirSync(parent);
    const tree = join(parent, "linux");
    renameSync(builtTree(), tree);
    expect((await ready(tree, join(temporaryDirectory(), "a cache, too"))).count).toBe(3);
  });

  test("counts modules that are listed but not built, and sees them when they come", async () => {
    const tree = builtTree();
    rmSync(join(tree, "drivers/net/device.ko"));
    const cache = temporaryDirectory();
    expect(await ready(tree, cache)).toMatchObject({ count: 2, warnings: [{ code: "MODULES_MISSING" }] });
    expect(await ready(tree, cache)).toMatchObject({
      state: "fresh",
      warnings: [{ code: "MODULES_MISSING" }],
    });
    install(tree, "drivers/net/device.ko", objects.device);
    expect(await ready(tree, cache)).toMatchObject({ state: "made", count: 3, warnings: [] });
  });

  test("leaves the build tree untouched", async () => {
    const tree = builtTree();
    const before = listing(tree);
    await ready(tree, temporaryDirectory());
    expect(listing(tree)).toEqual(before);
  });
});

describe("a warm index", () => {
  test("is used again, at the same path, and looking at it changes nothing", async () => {
    const tree = builtTree();
    const cache = temporaryDirectory();
    const first = await ready(tree, cache);
    const before = listing(cache);
    expect(checkModulesIndex(await resolveKernel(tree, { cwd: "/" }), { cacheDir: cache })).toMatchObject({
      state: "fresh",
      count: 3,
    });
    expect(await ready(tree, cache)).toEqual({ ...first, state: "fresh" });
    expect(listing(cache)).toEqual(before);
  });

  test("of no tree yet is stale, and looking makes no directory", async () => {
    const cache = join(temporaryDirectory(), "cache");
    expect(checkModulesIndex(await resolveKernel(builtTree(), { cwd: "/" }), { cacheDir: cache }).state).toBe(
      "stale",
    );
    expect(existsSync(cache)).toBe(false);
  });

  test.each<[string, (tree: string) => void]>([
    ["a module was rebuilt", (tree) => install(tree, "drivers/net/device.ko", objects.changed)],
    ["modules.order lists another set", (tree) => put(tree, "modules.order", "fs/core.o\n", 0)],
    ["the release is another", (tree) => put(tree, "include/config/kernel.release", "6.1.0-dirty\n", 0)],
    ["another driver is built in", (tree) => put(tree, "modules.builtin", "kernel/fs/xfs/xfs.ko\n", 0)],
  ])("is made again when %s", async (_, change) => {
    const tree = builtTree();
    const cache = temporaryDirectory();
    const { directory } = await ready(tree, cache);
    change(tree);
    expect(checkModulesIndex(await resolveKernel(tree, { cwd: "/" }), { cacheDir: cache })).toEqual({
      state: "stale",
      directory,
    });
    expect(await ready(tree, cache)).toMatchObject({ state: "made", directory });
    expect((await ready(tree, cache)).state).toBe("fresh");
  });

  test("shows a rebuilt module's new alias in the directory that a guest already has", async () => {
    const tree = builtTree();
    const cache = temporaryDirectory();
    const index = await ready(tree, cache);
    install(tree, "drivers/net/device.ko", objects.changed);
    await ready(tree, cache);
    expect(read(index, "modules.alias")).toContain("v0000DEADd0000BEEF");
    expect(read(index, "modules.alias")).not.toContain("v00001AF4");
  });

  test("survives an editor's file beside a module, and a new vmlinux with the same modules", async () => {
    const tree = builtTree();
    const cache = temporaryDirectory();
    const { directory } = await ready(tree, cache);
    const generation = statSync(join(directory, "current")).ino;
    put(tree, "drivers/net/.device.c.swp", "", 0);
    expect((await ready(tree, cache)).state).toBe("fresh");
    put(tree, "Module.symvers", "", 30);
    put(tree, "modules.builtin.modinfo", readFileSync(join(tree, "modules.builtin.modinfo")), 30);
    expect((await ready(tree, cache)).state).toBe("fresh");
    expect(statSync(join(directory, "current")).ino).toBe(generation);
    // What a guest's reload looks at.
    const symvers = statSync(join(tree, "Module.symvers")).mtimeMs;
    expect(statSync(join(directory, "release")).mtimeMs).toBeGreaterThan(symvers);
  });

  test("notices a module that was overwritten in place", async () => {
    const tree = builtTree();
    const cache = temporaryDirectory();
    await ready(tree, cache);
    writeFileSync(join(tree, "drivers/net/device.ko"), readFileSync(objects.changed));
    expect((await ready(tree, cache)).state).toBe("made");
  });

  test("of many modules watches their directories, and looks at the modules before it gives up", async () => {
    const tree = largeTree({ modules: 260, directories: 2 });
    const cache = temporaryDirectory();
    const { directory } = await ready(tree, cache);
    expect(readFileSync(join(directory, "current/stamp"), "utf8").split("\n").length).toBeLessThan(12);
    put(tree, "1/.m1.c.swp", "", 0);
    expect((await ready(tree, cache)).state).toBe("fresh");
    install(tree, "1/m1.ko", objects.changed);
    expect(checkModulesIndex(await resolveKernel(tree, { cwd: "/" }), { cacheDir: cache }).state).toBe(
      "stale",
    );
    expect(await ready(tree, cache)).toMatchObject({ state: "made", count: 260 });
  });

  test("of very many directories is looked at from the top by a dry run, and to the end by a run", async () => {
    const tree = largeTree({ modules: 260, directories: 260 });
    const cacheDir = temporaryDirectory();
    await ready(tree, cacheDir);
    install(tree, "1/m1.ko", objects.changed);
    expect(checkModulesIndex(await resolveKernel(tree, { cwd: "/" }), { cacheDir }).state).toBe("fresh");
    put(tree, "Module.symvers", "", 0);
    expect(checkModulesIndex(await resolveKernel(tree, { cwd: "/" }), { cacheDir }).state).toBe("stale");
    rmSync(join(tree, "Module.symvers"));
    expect((await ready(tree, cacheDir)).state).toBe("made");
  });

  test("that someone damaged is made again", async () => {
    const tree = builtTree();
    const cache = temporaryDirectory();
    const { directory } = await ready(tree, cache);
    for (const damage of ["", "nonsense", '{"format":0}\n']) {
      writeFileSync(join(directory, "current/stamp"), damage);
      expect((await ready(tree, cache)).state).toBe("made");
    }
    rmSync(join(directory, "current"));
    expect((await ready(tree, cache)).state).toBe("made");
  });
});

describe("the cache", () => {
  test("loses indexes of trees that are gone or long unused, and what killed runs left", async () => {
    const cache = temporaryDirectory();
    const gone = builtTree();
    const unused = builtTree();
    const fresh = builtTree();
    const directories: string[] = [];
    for (const tree of [gone, unused, fresh]) directories.push((await ready(tree, cache)).directory);
    const unusedDirectory = (await ready(unused, cache)).directory;
    rmSync(gone, { recursive: true });
    const old = Date.now() / 1000 - 90 * 86_400;
    for (const directory of directories) utimesSync(directory, old, old);
    utimesSync(join(unusedDirectory, "tree"), old, old);
    const left = join(cache, "modules-index/.new-999999999-abcdef");
    mkdirSync(left);
    utimesSync(left, old, old);
    await ready(builtTree(), cache);
    expect(directories.map((directory) => existsSync(directory))).toEqual([false, false, true]);
    expect(existsSync(left)).toBe(false);
  });

  test("keeps two generations of an index at most, once they have aged", async () => {
    const cache = temporaryDirectory();
    const tree = builtTree();
    const { directory } = await ready(tree, cache);
    for (const object of ["changed", "device", "changed"] as const) {
      for (const name of readdirSync(directory)) {
        if (name.startsWith("gen-")) utimesSync(join(directory, name), 1, 1);
      }
      install(tree, "drivers/net/device.ko", objects[object]);
      await ready(tree, cache);
    }
    expect(readdirSync(directory).filter((name) => name.startsWith("gen-"))).toHaveLength(2);
  });
});

describe("without a working depmod", () => {
  test.each([
    ["is missing", () => "no-such-depmod", "DEPMOD_MISSING"],
    [
      "fails",
      () => fake("case $1 in -n) exit 0;; esac; echo 'depmod: FATAL: no memory' >&2; exit 1"),
      "DEPMOD_FAILED",
    ],
    [
      "cannot read a module",
      () => fake('echo "depmod: ERROR: failed to load symbols" >&2; exec depmod "$@"'),
      "DEPMOD_FAILED",
    ],
    ["writes only text", () => fake("exit 0"), "DEPMOD_TOO_SIMPLE"],
    ["dies of a signal", () => fake("case $1 in -n) exit 0;; esac; kill -9 $$"), "DEPMOD_FAILED"],
  ])("that %s, no index is offered, and nothing is left behind", async (_, depmod, code) => {
    const cache = temporaryDirectory();
    expect(await ensure(builtTree(), cache, depmod())).toMatchObject({ state: "none", problem: { code } });
    expect(readdirSync(join(cache, "modules-index"))).toEqual([]);
  });

  test("nor in a cache that is no directory, is an index offered, and nothing is thrown", async () => {
    const cache = join(temporaryDirectory(), "cache");
    writeFileSync(cache, "");
    expect(await ensure(builtTree(), cache)).toMatchObject({
      state: "none",
      problem: { code: "CACHE_UNUSABLE" },
    });
  });

  test("depmod, which unpacks modules into its memory, is given a bound of it", async () => {
    const bound = 'echo "depmod: ERROR: $(ulimit -d) KiB" >&2; exec depmod "$@"';
    expect(await ensure(builtTree(), temporaryDirectory(), fake(bound))).toMatchObject({
      state: "none",
      problem: { message: expect.stringContaining("depmod: ERROR: 1048576 KiB") },
    });
  });

  test("a module that is damaged means no index", async () => {
    const tree = builtTree();
    writeFileSync(join(tree, "drivers/net/device.ko"), "no ELF");
    expect(await ensure(tree, temporaryDirectory())).toMatchObject({
      state: "none",
      problem: { code: "DEPMOD_FAILED" },
    });
  });

  test("one that keeps modules in /usr/lib/modules gives the same index", async () => {
    const depmod = fake(
      'for a; do shift; [ "$b" = -b ] && a=$a/usr; b=$a; set -- "$@" "$a"; done; exec depmod "$@"',
    );
    const index = await ready(builtTree(), temporaryDirectory(), depmod);
    expect(index).toMatchObject({ state: "made", count: 3 });
    expect(read(index, "modules.dep")).toMatch(/^kernel\/fs\/core\.ko:\n/);
  });

  test("a tree with modules not built, or none at all, has a problem instead of an index", async () => {
    const cache = temporaryDirectory();
    const unbuilt = makeTree(temporaryDirectory(), { modulesOrder: null });
    expect(await ensure(unbuilt, cache)).toMatchObject({
      state: "none",
      problem: { code: "MODULES_NOT_BUILT" },
    });
    const without = makeTree(temporaryDirectory(), { config: "CONFIG_X86_64=y\n", modulesOrder: null });
    expect(await ensure(without, cache)).toMatchObject({ state: "none", problem: { code: "NO_MODULES" } });
  });
});

describe("modulesReport", () => {
  test("says how many modules there are, where their index is, and what is wrong", async () => {
    const tree = builtTree();
    const cacheDir = temporaryDirectory();
    const report = await modulesReport(await resolveKernel(tree, { cwd: "/" }), { cacheDir });
    expect(report).toMatchObject({
      tree,
      release: "6.1.0",
      arch: "x86_64",
      modules: "built",
      count: 3,
      state: "made",
      problems: [],
    });
    expect(report.index).toMatch(/modules-index\/linux-[0-9a-f]{16}$/);
  });

  test("says once that modules are not built", async () => {
    const tree = makeTree(temporaryDirectory(), { modulesOrder: null });
    const { index, problems } = await modulesReport(await resolveKernel(tree, { cwd: "/" }), {
      cacheDir: temporaryDirectory(),
    });
    expect(index).toBeNull();
    expect(problems.map(({ code }) => code)).toEqual(["MODULES_NOT_BUILT"]);
  });
});
