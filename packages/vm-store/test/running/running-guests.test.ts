import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findRunningGuest, listRunningGuests, openGuestEntry, type NewGuest } from "../../src/index.js";
import { runtimeDirectories } from "../../src/running/runtime-directory.js";
import { bundlePackage, scratchDirectory } from "../scratch.js";

const bundle = bundlePackage();

function guest(home: string, name = "TestVM"): NewGuest {
  return {
    name,
    kind: "vm",
    home,
    directory: join(home, name),
    command: ["vm", "start", name],
    offers: ["qmp"],
  };
}

function surroundings(): { env: { XDG_RUNTIME_DIR: string }; home: string } {
  return { env: { XDG_RUNTIME_DIR: scratchDirectory() }, home: scratchDirectory() };
}

/** A process that holds an entry, and a child of it that holds the lock alone, as QEMU does. */
async function holdElsewhere(
  home: string,
  env: Readonly<Record<string, string>>,
): Promise<{ kill(): Promise<void>; killQemu(): Promise<void> }> {
  const program = `const { openGuestEntry } = require(process.argv[1]);
    const entry = openGuestEntry(JSON.parse(process.argv[2]), process.env);
    const qemu = require("node:child_process").spawn("sleep", ["600"], { stdio: ["ignore", "ignore", "ignore", entry.fd], detached: true });
    console.log(qemu.pid); process.stdin.resume();`;
  const child = spawn(process.execPath, ["-e", program, bundle, JSON.stringify(guest(home))], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...env },
  });
  const [line] = await once(child.stdout, "data");
  const qemu = Number(String(line));
  const killQemu = async (): Promise<void> => {
    try {
      process.kill(qemu, "SIGKILL");
    } catch {
      // Gone already.
    }
    // The lock goes with the process, which may take a moment.
    const entry = join(env["XDG_RUNTIME_DIR"] ?? "", "vm");
    spawnSync("flock", ["-s", "-w", "60", join(entry, readdirSync(entry)[0] ?? "", "lock"), "true"]);
  };
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await killQemu();
  });
  return {
    killQemu,
    async kill() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

test("a running guest is found and listed, with where it can be reached, until it ends", () => {
  const { env, home } = surroundings();
  expect(listRunningGuests(env, { home })).toEqual([]);
  const entry = openGuestEntry(guest(home), env);
  const found = findRunningGuest({ home, name: "TestVM" }, env);
  expect(found).toMatchObject({
    ...guest(home),
    entry: entry.path,
    sockets: { qmp: join(entry.path, "qmp") },
  });
  expect(Date.parse(found!.since)).toBeLessThanOrEqual(Date.now());
  expect(listRunningGuests(env, { home })).toEqual([found]);
  entry.update({ kernel: "7.2.0", offers: ["qmp", "console"] });
  expect(findRunningGuest({ home, name: "TestVM" }, env)).toMatchObject({
    kernel: "7.2.0",
    sockets: { qmp: entry.socket("qmp"), console: entry.socket("console") },
  });
  entry.close();
  expect(existsSync(entry.path)).toBe(false);
  expect(listRunningGuests(env, { home })).toEqual([]);
});

test("the same name in another directory of VMs is another guest", () => {
  const { env, home } = surroundings();
  const other = scratchDirectory();
  symlinkSync(home, join(other, "link"));
  const entries = [home, other].map((place) => openGuestEntry(guest(place), env));
  expect(listRunningGuests(env).map((found) => found.home)).toEqual(expect.arrayContaining([home, other]));
  for (const [place, found] of [
    [home, home],
    [other, other],
    [join(other, "link"), home],
  ] as const)
    expect(listRunningGuests(env, { home: place }).map((running) => running.home)).toEqual([found]);
  expect(findRunningGuest({ home: scratchDirectory(), name: "TestVM" }, env)).toBeUndefined();
  for (const entry of entries) entry.close();
});

test("a guest lives as long as QEMU does, and is seen as dead after SIGKILL of both", async () => {
  const { env, home } = surroundings();
  const held = await holdElsewhere(home, env);
  const wanted = expect.objectContaining({
    code: "GUEST_RUNNING",
    message: expect.stringMatching(/^TestVM is already running \(since .*: vm start TestVM\)$/),
  });
  expect(() => openGuestEntry(guest(home), env)).toThrow(wanted);
  await held.kill();
  expect(findRunningGuest({ home, name: "TestVM" }, env)).toMatchObject({ name: "TestVM" });
  expect(() => openGuestEntry(guest(home), env)).toThrow(wanted);
  await held.killQemu();
  expect(listRunningGuests(env, { home })).toEqual([]);
  expect(readdirSync(join(env.XDG_RUNTIME_DIR, "vm"))).toEqual([]);
  openGuestEntry(guest(home), env).close();
});

test("what a dead one left is no obstacle, and what is no entry stays", async () => {
  const { env, home } = surroundings();
  const held = await holdElsewhere(home, env);
  await held.kill();
  await held.killQemu();
  const directory = join(env.XDG_RUNTIME_DIR, "vm");
  const [name = ""] = readdirSync(directory);
  writeFileSync(join(directory, name, "console"), "left behind");
  writeFileSync(join(directory, "notes"), "somebody's");
  const entry = openGuestEntry(guest(home), env);
  expect(readdirSync(entry.path).toSorted()).toEqual(["guest.json", "lock"]);
  entry.close();
  expect(readdirSync(directory)).toEqual(["notes"]);
});

test("whether a guest of another directory, or of another kind, is alive is not asked", async () => {
  const { env, home } = surroundings();
  const held = await holdElsewhere(home, env);
  await held.kill();
  await held.killQemu();
  const directory = join(env.XDG_RUNTIME_DIR, "vm");
  // One that is asked about is found dead, and removed.
  expect(listRunningGuests(env, { home: scratchDirectory() })).toEqual([]);
  expect(listRunningGuests(env, { home, kind: "embedded" })).toEqual([]);
  expect(readdirSync(directory)).toHaveLength(1);
  expect(listRunningGuests(env, { home })).toEqual([]);
  expect(readdirSync(directory)).toEqual([]);
});

test("a record that cannot be read, or is of another vm, is no guest", () => {
  const { env, home } = surroundings();
  const entry = openGuestEntry(guest(home), env);
  for (const text of ["", "{", "null", '{"name":"TestVM"}']) {
    writeFileSync(join(entry.path, "guest.json"), text);
    expect(listRunningGuests(env, { home })).toEqual([]);
  }
  expect(existsSync(entry.path)).toBe(true);
  entry.close();
});

test("many who look at once all see the guest", async () => {
  const { env, home } = surroundings();
  const entry = openGuestEntry(guest(home), env);
  const look = `console.log(require(process.argv[1]).listRunningGuests(process.env, { home: process.argv[2] }).length)`;
  const looks = Array.from({ length: 8 }, async () => {
    const child = spawn(process.execPath, ["-e", look, bundle, home], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [text] = await once(child.stdout, "data");
    return Number(String(text));
  });
  expect(await Promise.all(looks)).toEqual(Array.from({ length: 8 }, () => 1));
  entry.close();
});

test("a runtime directory is the user's own, closed to others, and short enough for sockets", () => {
  const uid = process.geteuid!();
  const own = scratchDirectory();
  expect(runtimeDirectories({ XDG_RUNTIME_DIR: own })[0]).toBe(join(own, "vm"));
  expect(runtimeDirectories({})).toContain(`/tmp/vm-${uid}`);
  const open = scratchDirectory();
  chmodSync(open, 0o777);
  const long = join(own, "x".repeat(100));
  mkdirSync(long);
  for (const refused of [open, long, "relative", join(own, "none"), ""]) {
    const found = runtimeDirectories({ XDG_RUNTIME_DIR: refused });
    expect(found).toEqual(runtimeDirectories({}));
  }
  const entry = openGuestEntry(guest(own), { XDG_RUNTIME_DIR: own });
  for (const directory of [join(own, "vm"), entry.path]) expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(entry.path, "guest.json")).mode & 0o777).toBe(0o600);
  entry.close();
});

test("a socket can be made at the longest path", async () => {
  const parent = scratchDirectory();
  const fill = 107 - Buffer.byteLength(join(parent, "/x/vm/")) - "0123456789abcdef/console".length;
  const own = join(parent, "x".repeat(fill - 6));
  mkdirSync(own, { mode: 0o700 });
  const { env, home } = { env: { XDG_RUNTIME_DIR: own }, home: scratchDirectory() };
  expect(runtimeDirectories(env)[0]).toBe(join(own, "vm"));
  const entry = openGuestEntry(guest(home), env);
  const server = createServer().listen(entry.socket("console"));
  await once(server, "listening");
  server.close();
  entry.close();
});

test("a link, or a file, in the place of the directory is refused", () => {
  const own = scratchDirectory();
  symlinkSync(scratchDirectory(), join(own, "vm"));
  const env = { XDG_RUNTIME_DIR: own };
  expect(() => openGuestEntry(guest(own), env)).toThrow(
    expect.objectContaining({ code: "RUNTIME_DIRECTORY_UNTRUSTED" }),
  );
  expect(listRunningGuests(env, { home: own })).toEqual([]);
});
