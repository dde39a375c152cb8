import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { toScript } from "@vm/command-plan";
import { describe, expect, test } from "vitest";
import { executeMerge, planMerge, type MergeRequest } from "../src/index.js";
import { makeSource, temporaryDirectory, writeFiles } from "./made-up-source.js";

const fragment = 'CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_NAME="it\'s"\n';
const old = "# Linux/x86 6.1.0 Kernel Configuration\nCONFIG_A=m\nCONFIG_AA=y\nCONFIG_B=y\nCONFIG_KEPT=y\n";
const merged =
  '# Linux/x86 6.1.0 Kernel Configuration\nCONFIG_AA=y\nCONFIG_KEPT=y\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_NAME="it\'s"\n';

function request(tree: string, more: Partial<MergeRequest> = {}): MergeRequest {
  return { fragments: ["f.fragment"], cwd: tree, tree: ".", env: {}, ...more };
}

const read = (path: string) => readFileSync(path, "utf8");

const content = (tree: string) =>
  readdirSync(tree, { withFileTypes: true }).map((entry) => [
    entry.name,
    entry.isFile() ? read(join(tree, entry.name)) : "",
  ]);

describe("planMerge and executeMerge", () => {
  test("put the wanted options in the place of those of .config, and keep the old file", async () => {
    const tree = makeSource({ ".config": old, "f.fragment": fragment });
    const report = await executeMerge(planMerge(request(tree)));
    expect(report).toEqual({ output: join(tree, ".config"), wanted: 3, lost: [], exitCode: 0 });
    expect(read(join(tree, ".config"))).toBe(merged);
    expect(read(join(tree, ".config.old"))).toBe(old);
    expect(readdirSync(tree).filter((name) => name.includes("merge"))).toEqual([]);
  });

  test("the script of the plan leaves the same behind", async () => {
    const files = { ".config": old, "f.fragment": fragment };
    const [real, dry] = [makeSource(files), makeSource(files)];
    await executeMerge(planMerge(request(real)));
    execFileSync("sh", ["-c", toScript(planMerge(request(dry)).plan)]);
    expect(content(dry)).toEqual(content(real));
  });

  test("planning touches nothing", () => {
    const tree = makeSource({ ".config": old, "f.fragment": fragment });
    const before = readdirSync(tree);
    planMerge(request(tree, { buildDirectory: "new", output: "there" }));
    expect(readdirSync(tree)).toEqual(before);
  });

  test("with -o the tree's own .config stays as it is", async () => {
    const tree = makeSource({ ".config": old, "f.fragment": fragment });
    const report = await executeMerge(planMerge(request(tree, { output: "out" })));
    expect(read(report.output)).toBe(merged);
    expect(read(join(tree, ".config"))).toBe(old);
    expect(existsSync(join(tree, ".config.old"))).toBe(false);
  });

  test("KBUILD_OUTPUT is an O=, and nothing is written into the source", async () => {
    const tree = makeSource({ "f.fragment": fragment });
    const before = readdirSync(tree);
    const output = join(temporaryDirectory(), "out");
    const merge = planMerge(request(tree, { env: { KBUILD_OUTPUT: output } }));
    expect(merge.output).toBe(join(output, ".config"));
    expect((await executeMerge(merge)).exitCode).toBe(0);
    expect(existsSync(merge.output)).toBe(true);
    expect(readdirSync(tree)).toEqual(before);
    const own = planMerge(request(tree, { env: { KBUILD_OUTPUT: output }, buildDirectory: "own" }));
    expect(own.output).toBe(join(tree, "own/.config"));
  });

  test("with O= the configuration goes there, from defconfig when there is none", async () => {
    const tree = makeSource({ "f.fragment": fragment });
    const report = await executeMerge(planMerge(request(tree, { buildDirectory: "../build" })));
    expect(report.output).toBe(join(dirname(tree), "build/.config"));
    expect(read(report.output)).toContain("CONFIG_FROM_DEFCONFIG=y\nCONFIG_A=y\n");
    expect(existsSync(join(tree, ".config"))).toBe(false);
  });

  test.each([
    ["another user owns the source", (tree: string) => chownSync(tree, 4711, 4711)],
    ["another user owns its Makefile", (tree: string) => chownSync(join(tree, "Makefile"), 4711, 4711)],
    ["others can write to the source", (tree: string) => chmodSync(tree, 0o777)],
    ["others can write its Makefile", (tree: string) => chmodSync(join(tree, "Makefile"), 0o666)],
    ["another user owns the O=", (_: string, build: string) => chownSync(build, 4711, 4711)],
    ["others can write to the O=", (_: string, build: string) => chmodSync(build, 0o777)],
  ])("make is not run, and nothing is planned, where %s", (_what, change) => {
    const tree = makeSource({ ".config": old, "f.fragment": fragment });
    const build = writeFiles(join(dirname(tree), "build"), { ".config": old });
    change(tree, build);
    expect(() => planMerge(request(tree, { buildDirectory: build }))).toThrow(
      expect.objectContaining({ code: "SOURCE_UNTRUSTED" }),
    );
    if (change.length === 2) return;
    // A directory that was made with O= is its source's.
    const made = writeFiles(join(dirname(tree), "made"), { "f.fragment": fragment });
    symlinkSync(tree, join(made, "source"));
    expect(() => planMerge(request(made))).toThrow(expect.objectContaining({ code: "SOURCE_UNTRUSTED" }));
  });

  test("a directory that was made with O= leads to its source", () => {
    const plain = makeSource();
    const linked = writeFiles(join(dirname(plain), "build"), { ".config": old });
    execFileSync("ln", ["-s", plain, join(linked, "source")]);
    writeFiles(linked, { "f.fragment": fragment });
    expect(planMerge(request(linked)).source).toBe(join(linked, "source"));
  });

  test("starts from another file or target when told to", async () => {
    const tree = makeSource({ ".config": old, "f.fragment": "CONFIG_A=y\n", base: "CONFIG_BASE=y\n" });
    await executeMerge(planMerge(request(tree, { base: "base", output: "one" })));
    expect(read(join(tree, "one"))).toBe("CONFIG_BASE=y\nCONFIG_A=y\n");
    await executeMerge(planMerge(request(tree, { base: "defconfig", output: "two" })));
    expect(read(join(tree, "two"))).toContain("CONFIG_FROM_DEFCONFIG=y");
    expect(() => planMerge(request(tree, { base: "nothing" }))).toThrow(
      expect.objectContaining({ code: "MERGE_BASE_NOT_FOUND" }),
    );
  });

  test("names what did not stick, with fragment, line and reason", async () => {
    const tree = makeSource({
      "f.fragment": "CONFIG_A=y\nCONFIG_BROKEN=y\nsilent\nCONFIG_BROKEN2=n\nendsilent\n",
    });
    const { lost } = await executeMerge(planMerge(request(tree)));
    expect(lost).toEqual([
      {
        option: "CONFIG_BROKEN",
        value: "y",
        found: "n",
        file: join(tree, "f.fragment"),
        line: 2,
        strength: "required",
        why: {
          reason: "it depends on CONFIG_NEVER (is n), which cannot be set by hand",
          blockers: ["CONFIG_NEVER"],
        },
      },
    ]);
  });

  test("when make fails the old configuration stays, and nothing is left behind", async () => {
    const tree = makeSource({ ".config": old, "f.fragment": fragment });
    const before = readdirSync(tree);
    const env = { ...process.env, FAIL: "1" };
    const report = await executeMerge(planMerge(request(tree)), {
      env,
      stdio: ["ignore", "ignore", "ignore"],
    });
    expect(report).toMatchObject({ exitCode: 2, failure: { error: { code: "PROGRAM_FAILED" } }, lost: [] });
    expect(read(join(tree, ".config"))).toBe(old);
    expect(readdirSync(tree)).toEqual(before);
  });

  test("ARCH= is what was asked for, else that of the base, else that of the environment", () => {
    const tree = makeSource({ "f.fragment": fragment, arm: old.replace("x86", "arm64") });
    const archOf = (more: Partial<MergeRequest>) => {
      const { plan, arch } = planMerge(request(tree, more));
      const words = plan.flatMap((step) => (step.kind === "run" ? step.argv : []));
      return [words.find((word) => word.startsWith("ARCH=")), arch.directory, arch.fragments];
    };
    expect(archOf({ base: "arm" })).toEqual(["ARCH=arm64", "arm64", "arm64"]);
    expect(archOf({ base: "arm", arch: "riscv" })).toEqual(["ARCH=riscv", "riscv", "riscv"]);
    expect(archOf({ base: "defconfig", env: { ARCH: "s390" } })).toEqual(["ARCH=s390", "s390", "s390"]);
    expect(archOf({ arch: "aarch64" })).toEqual(["ARCH=arm64", "arm64", "arm64"]);
    expect(archOf({ arch: "x86_64" })).toEqual(["ARCH=x86_64", "x86", "x86_64"]);
    expect(archOf({ arch: "i386" })).toEqual(["ARCH=i386", "x86", "i386"]);
    expect(archOf({ base: "defconfig" })[0]).toBeUndefined();
  });

  test("a directory that is no kernel source, and fragments with nothing in them, are refused", () => {
    const empty = writeFiles(temporaryDirectory(), { "f.fragment": fragment });
    expect(() => planMerge(request(empty))).toThrow(expect.objectContaining({ code: "NOT_A_KERNEL_SOURCE" }));
    const tree = makeSource({ "f.fragment": "# nothing\n" });
    expect(() => planMerge(request(tree))).toThrow(expect.objectContaining({ code: "NOTHING_TO_MERGE" }));
  });
});
