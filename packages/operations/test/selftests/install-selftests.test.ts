import { chmodSync, existsSync, readdirSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeTree, temporaryDirectory } from "../../../kernel-build/test/made-up-tree.js";
import { installSelftests, processHost, type Host, type Notice } from "../../src/index.js";
import { makeSource } from "./made-up-source.js";

interface Place {
  readonly cwd: string;
  readonly source: string;
  readonly room: string;
  readonly notices: Notice[];
  readonly host: Host;
}

function place(env: Host["env"] = {}, signal?: AbortSignal): Place {
  const cwd = temporaryDirectory();
  const notices: Notice[] = [];
  const host = processHost({
    cwd,
    env: { PATH: process.env["PATH"], HOME: cwd, VM_CACHE_HOME: join(cwd, "cache"), ...env },
    fragments: join(import.meta.dirname, "../../../../configs"),
    notice: (notice) => void notices.push(notice),
    ...(signal === undefined ? {} : { signal }),
  });
  return { cwd, source: makeSource(join(cwd, "linux")), room: join(cwd, "cache/kselftest"), notices, host };
}

/** How often a build was begun; one that takes long is told of again. */
function built(notices: readonly Notice[]): number {
  return notices.filter((each) => each.kind === "remark" && each.message.startsWith("building the selftests"))
    .length;
}

const wanted = (...targets: string[]) => ({
  choices: targets.map((target) => ({ target })),
  source: "linux",
  kernels: ["bzImage"],
});

describe("selftests of a source", () => {
  test("are built out of it, once for each state of it, whatever make's variables say", async () => {
    const { cwd, source, notices, host } = place({
      KBUILD_OUTPUT: "/elsewhere",
      MAKEFLAGS: "-n",
      TARGETS: "x",
    });
    const before = readdirSync(source, { recursive: true });
    const { directory, programs } = await installSelftests(wanted("size", "net/lib"), host);
    expect(programs).toEqual([
      { target: "size", program: "hello" },
      { target: "net/lib", program: "hello" },
    ]);
    expect(existsSync(join(directory, "size/hello"))).toBe(true);
    expect(readdirSync(source, { recursive: true })).toEqual(before);
    expect(readdirSync(join(cwd, "cache/kselftest"))).toHaveLength(1);

    expect((await installSelftests(wanted("size", "net/lib"), host)).directory).toBe(directory);
    expect(built(notices)).toBe(1);
    writeFileSync(join(source, "tools/testing/selftests/size/new.c"), "");
    expect((await installSelftests(wanted("size", "net/lib"), host)).directory).not.toBe(directory);
    writeFileSync(join(source, "fs.c"), "");
    await installSelftests(wanted("size", "net/lib"), host);
    expect(built(notices)).toBe(2);
  });

  test("two that build the same at once both have it", async () => {
    const { room, host } = place();
    const all = await Promise.all([1, 2].map(() => installSelftests(wanted("size"), host)));
    expect(all[0]).toEqual(all[1]);
    expect(readdirSync(room)).toHaveLength(1);
  });

  test("a build that is ended leaves nothing", async () => {
    const stop = new AbortController();
    const { cwd, room, host } = place({ BEGUN: "" }, stop.signal);
    const begun = join(cwd, "begun");
    const watcher = watch(cwd, (_, name) => {
      if (name === "begun") stop.abort(new Error("enough"));
    });
    const env = { ...host.env, BEGUN: begun };
    await expect(installSelftests(wanted("slow"), { ...host, env })).rejects.toThrow("enough");
    watcher.close();
    expect(readdirSync(room)).toEqual([]);
  });

  test.each([
    [["gone"], "SELFTESTS_UNKNOWN", /has no selftests "gone"/],
    [["size", "empty"], "SELFTESTS_FAILED", /the target empty has installed no tests/],
    [["broken"], "SELFTESTS_FAILED", /cannot be built \(broken\): .*no-such-compiler/],
  ])("%j: %s", async (targets, code, message) => {
    const { room, host } = place();
    const end = installSelftests(wanted(...targets), host);
    await expect(end).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(existsSync(room) ? readdirSync(room) : []).toEqual([]);
  });

  test("what others could write is not run, and a cache that make takes for two paths is named", async () => {
    const { source, host } = place();
    chmodSync(join(source, "tools/testing/selftests/size/Makefile"), 0o666);
    await expect(installSelftests(wanted("size"), host)).rejects.toThrow(
      /other users can write to .*size\/Makefile/,
    );
    const asked = { ...host, mayMake: (directory: string): boolean => directory !== source };
    await expect(installSelftests(wanted("net/lib"), asked)).rejects.toMatchObject({
      code: "SOURCE_UNTRUSTED",
    });
    const spaced = { ...host, cacheDir: join(host.cwd, "a b") };
    await expect(installSelftests(wanted("net/lib"), spaced)).rejects.toThrow(/no path with a space/);
  });
});

test("the source is that of the kernels, where they have one and the same", async () => {
  const { cwd, host } = place();
  const tree = makeTree(join(cwd, "build"), {});
  const asked = (...kernels: string[]) => installSelftests({ choices: [{ target: "size" }], kernels }, host);
  await expect(asked("git:HEAD")).rejects.toThrow("git:HEAD has no source that stays");
  await expect(asked(tree)).rejects.toThrow(/has no kernel source beside it/);
  writeFileSync(join(tree, "Makefile"), `include ${join(cwd, "linux")}/Makefile\n`);
  expect((await asked(tree)).source).toBe(join(cwd, "linux"));
  const other = makeTree(join(cwd, "other"), {});
  writeFileSync(join(other, "Makefile"), `include ${makeSource(join(cwd, "second"))}/Makefile\n`);
  await expect(asked(tree, other)).rejects.toThrow(/the kernels are of several sources/);
  await expect(
    installSelftests({ choices: [{ target: "size" }], source: "build/arch", kernels: [tree] }, host),
  ).rejects.toThrow(/is no kernel source/);
});
