import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  cacheRoom,
  cacheRoomNames,
  makeDirectory,
  foreignOwner,
  makeCacheRoom,
  removeStale,
  daysUnused,
  withDraft,
} from "../src/index.js";
import { failure, scratch } from "./scratch.js";

let maker = "";
beforeAll(() => {
  const [output] = buildSync({
    entryPoints: [new URL("maker.ts", import.meta.url).pathname],
    bundle: true,
    platform: "node",
    conditions: ["@vm/source"],
    write: false,
  }).outputFiles;
  maker = output?.text ?? "";
});

/** As in a container: the pid is a small one, and with the first process all others are killed. */
const inContainer = [
  "unshare",
  "--user",
  "--map-root-user",
  "--pid",
  "--fork",
  "--kill-child",
  "--mount-proc",
];

/** A maker that is half-way. */
async function startMaker(
  cache: string,
  name: string,
  prefix: readonly string[] = inContainer,
): Promise<{ readonly process: ChildProcess; readonly pid: string; go(): Promise<void> }> {
  const program = join(scratch(), "maker.cjs");
  writeFileSync(program, maker);
  const go = join(scratch(), "go");
  const argv = [...prefix, process.execPath, program, cache, name, go];
  const child = spawn("env", argv, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const pid = String(await once(child.stdout, "data")).trim();
  return {
    process: child,
    pid,
    go: async () => {
      writeFileSync(go, "");
      await once(child, "close");
    },
  };
}

async function eventually(holds: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 500 && !holds(); attempt++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(holds()).toBe(true);
}

describe("two that make something in one room, with the same pid", () => {
  test("do not disturb each other, and neither removes what the other is making", async () => {
    const cache = scratch();
    const [first, second] = [await startMaker(cache, "first"), await startMaker(cache, "second")];
    expect(first.pid).toBe(second.pid);
    // A third one, that looks for what the dead have left.
    withDraft(join(cache, "room"), () => undefined);
    expect(readdirSync(join(cache, "room")).filter((name) => name.startsWith("."))).toHaveLength(2);
    await Promise.all([first.go(), second.go()]);
    for (const name of ["first", "second"]) {
      for (const half of ["first", "second"])
        expect(readFileSync(join(cache, "room", name, half), "utf8")).toBe(name);
    }
    expect(readdirSync(join(cache, "room")).toSorted()).toEqual(["first", "second"]);
  });

  test("and one of which is killed: the next one removes what it left, and the other one goes on", async () => {
    const cache = scratch();
    const [dying, living] = [await startMaker(cache, "dying"), await startMaker(cache, "living")];
    dying.process.kill("SIGKILL");
    await once(dying.process, "close");
    // The kernel closes what a dying process has open one by one, the lock after the pipe.
    await eventually(() => {
      withDraft(join(cache, "room"), () => undefined);
      return readdirSync(join(cache, "room")).length === 1;
    });
    await living.go();
    expect(readdirSync(join(cache, "room"))).toEqual(["living"]);
  });
});

test("of one that is killed nothing is left, though nobody makes anything any more", async () => {
  const cache = scratch();
  const { process: dying } = await startMaker(cache, "dying", []);
  expect(readdirSync(join(cache, "room"))).toHaveLength(1);
  dying.kill("SIGKILL");
  await once(dying, "close");
  await eventually(() => readdirSync(join(cache, "room")).length === 0);
});

describe("a draft", () => {
  test("that nobody cleaned up behind is removed by the next one, and one of an older vm when it is old", () => {
    const room = makeCacheRoom(scratch(), "room");
    for (const name of [".new-dead", ".new-4711-old", ".new-4712-young"]) mkdirSync(join(room, name));
    writeFileSync(join(room, ".new-dead/lock"), "");
    utimesSync(join(room, ".new-4711-old"), 1, 1);
    withDraft(room, () => undefined);
    expect(readdirSync(room)).toEqual([".new-4712-young"]);
  });

  test("whose removal was killed half-way is removed by the next one: its lock is gone, and it is no new one", () => {
    const room = makeCacheRoom(scratch(), "room");
    mkdirSync(join(room, ".old-half/content/deep"), { recursive: true });
    withDraft(room, () => undefined);
    expect(readdirSync(room)).toEqual([]);
  });

  test("loses its name before anything in it, whoever removes it", async () => {
    const cache = scratch();
    const { process: dying } = await startMaker(cache, "dying", []);
    const room = join(cache, "room");
    // Full enough for its removal to be seen.
    const content = join(room, readdirSync(room)[0] ?? "", "content");
    for (let file = 0; file < 2000; file++) writeFileSync(join(content, String(file)), "");
    dying.kill("SIGKILL");
    const seen = new Set<string>();
    await eventually(() => {
      const names = readdirSync(room);
      for (const name of names) {
        const isWhole = existsSync(join(room, name, "lock")) && existsSync(join(room, name, "content/1999"));
        if (name.startsWith(".new-") && !isWhole && existsSync(join(room, name))) seen.add(name);
      }
      return names.length === 0;
    });
    expect([...seen]).toEqual([]);
  });

  test("of something that fails is gone, and the reason is the maker's own", () => {
    const room = makeCacheRoom(scratch(), "room");
    const made = failure(() =>
      withDraft(room, () => {
        throw new Error("no space");
      }),
    );
    expect(made.message).toBe("no space");
    expect(readdirSync(room)).toEqual([]);
  });

  test("that cannot be made says which room", () => {
    const room = makeCacheRoom(scratch(), "room");
    writeFileSync(join(room, "file"), "");
    expect(failure(() => withDraft(join(room, "file"), () => undefined))).toMatchObject({
      code: "CACHE_UNUSABLE",
    });
  });
});

describe("a room of the cache", () => {
  test("is closed to others, also one that an older vm made", () => {
    const cache = join(scratch(), "new/cache");
    const room = makeCacheRoom(cache, "room");
    expect([cache, room].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700]);
    chmodSync(room, 0o755);
    makeCacheRoom(cache, "room");
    expect(statSync(room).mode & 0o777).toBe(0o700);
  });

  test("that others can write to is refused, at its root too; one that they may read is closed", () => {
    for (const [place, mode] of [
      ["", 0o777],
      ["room", 0o777],
      ["room", 0o722],
      ["", 0o775],
    ] as const) {
      const cache = join(scratch(), "cache");
      makeCacheRoom(cache, "room");
      const path = join(cache, place);
      if (mode === 0o775) chownSync(path, process.getuid?.() ?? 0, 4711);
      chmodSync(path, mode);
      for (const open of [cacheRoom, makeCacheRoom]) {
        expect(failure(() => open(cache, "room"))).toMatchObject({ code: "CACHE_UNTRUSTED" });
      }
      chmodSync(path, 0o755);
      makeCacheRoom(cache, "room");
      // In /tmp nobody replaces what is ours.
      chmodSync(cache, 0o1777);
      expect(makeCacheRoom(cache, "other")).toBe(join(cache, "other"));
    }
  });

  test.each(["/proc/vm-test/cache", "/sys/vm-test/cache", "/dev/null/cache", "/proc/self/fd/none/cache"])(
    "below %s cannot be made, and says so at once",
    (cache) => {
      expect(failure(() => makeCacheRoom(cache, "room"))).toMatchObject({ code: "CACHE_UNUSABLE" });
      expect(failure(() => makeDirectory(cache))).toHaveProperty("code");
    },
  );

  test("is not made by who only looks", () => {
    const cache = join(scratch(), "cache");
    expect(cacheRoom(cache, "room")).toBe(join(cache, "room"));
    expect(existsSync(cache)).toBe(false);
  });

  test("of another user is refused, whichever of the two directories is theirs; but for the one who called sudo", () => {
    for (const place of ["", "room"]) {
      const cache = scratch();
      makeCacheRoom(cache, "room");
      chownSync(join(cache, place), 4711, 4711);
      for (const open of [cacheRoom, makeCacheRoom])
        expect(failure(() => open(cache, "room"))).toMatchObject({ code: "CACHE_UNTRUSTED" });
      expect(foreignOwner(join(cache, place), {})).toBe(4711);
      expect(foreignOwner(join(cache, place), { SUDO_UID: "4711" })).toBeUndefined();
    }
  });

  test("loses what nobody used, and no draft", () => {
    const room = makeCacheRoom(scratch(), "room");
    for (const name of ["old", "young", ".new-x"]) writeFileSync(join(room, name), "");
    for (const name of ["old", ".new-x"]) utimesSync(join(room, name), 1, 1);
    removeStale(room, (path) => daysUnused(path) > 30);
    expect(readdirSync(room).toSorted()).toEqual([".new-x", "young"]);
  });
});

test("every room that a package of ours makes is one that vm cache knows", () => {
  const packages = new URL("../../", import.meta.url).pathname;
  const files = readdirSync(packages, { recursive: true, encoding: "utf8" }).filter((file) =>
    /^[\w-]+\/src\/.*\.ts$/.test(file),
  );
  const rooms = files.flatMap((file) =>
    [
      ...readFileSync(join(packages, file), "utf8").matchAll(
        /(?:roomName = |(?:acheRoom|join)\(\w*\.?cacheDir, )"([^"]+)"/g,
      ),
    ].map(([, room = ""]) => room),
  );
  // A file for a remark that is made once, and the lock of vm cache itself.
  const others = ["told-of-confinement", "prune.lock"];
  expect(new Set(rooms).size).toBeGreaterThan(7);
  expect(rooms.filter((room) => ![...cacheRoomNames, ...others].some((name) => name === room))).toEqual([]);
});
