import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { networkHelper, withShares, type HostShare } from "@vm/guest-run";
import { parseArgv } from "@vm/qemu-argv";
import { makeShareDirectory, offerShares } from "../../src/share/directory.js";
import { landlockScript, noSetuidScript, viewScript, virtiofsScript } from "../../src/guest-asset.js";

/** Listens as a virtiofsd does, and writes down what it sees and may do. The options are those of either kind. */
const DAEMON = String.raw`#!/usr/bin/env node
const { createServer } = require("node:net");
const { appendFileSync, readdirSync, writeFileSync } = require("node:fs");
const words = process.argv.slice(2);
const [socket] = words.flatMap((word, at) =>
  word === "--socket-path" ? [words[at + 1]] : word.startsWith("--socket-path=") ? [word.slice(14)] : []);
const source = /(?:source=|--shared-dir )([^, ]*)/.exec(words.join(" "))[1];
const may = (path) => { try { writeFileSync(path + "/new", ""); return true; } catch (error) { return error.code; } };
const places = [source, ...process.env.PLACES.split(":").map((path) => source + path)];
appendFileSync(process.env.REPORTS, JSON.stringify({ pid: process.pid, words, uid: process.getuid(), files: readdirSync(source), may: places.map(may) }) + "\n");
const server = createServer((connection) => connection.on("close", () => process.exit(0)));
server.listen(socket);
// The one in Rust does so.
writeFileSync(socket + ".pid", String(process.pid));
`;

interface Report {
  readonly pid: number;
  readonly words: readonly string[];
  readonly uid: number;
  readonly files: readonly string[];
  readonly may: readonly (string | true)[];
}

let work: string;
let daemon: string;
let directory: string;
let reportFile: string;

beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), "vm share, 'x' "));
  chmodSync(work, 0o755);
  daemon = join(work, "daemon");
  writeFileSync(daemon, DAEMON, { mode: 0o755 });
  for (const path of ["ro \\ dir", "rw"]) {
    mkdirSync(join(work, path));
    writeFileSync(join(work, path, "file"), "");
  }
  directory = join(work, "sockets");
  // A daemon in a namespace sees it at the same place, and may write it as another user.
  reportFile = join(work, "reports");
  writeFileSync(reportFile, "", { mode: 0o666 });
  chmodSync(reportFile, 0o666);
});

afterEach(() => rmSync(work, { recursive: true, force: true }));

function shares(): HostShare[] {
  return [
    {
      id: "a",
      tag: "a",
      path: join(work, "ro \\ dir"),
      access: "read-only",
      cache: "none",
      submounts: "flat",
    },
    {
      id: "b",
      tag: "b",
      path: join(work, "rw"),
      access: "read-write",
      cache: "auto",
      submounts: "announced",
    },
  ];
}

function readReports(): Report[] {
  const lines = existsSync(reportFile) ? readFileSync(reportFile, "utf8").split("\n") : [];
  return lines.filter((line) => line !== "").map((line): Report => JSON.parse(line));
}

interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  readonly reports: readonly Report[];
  readonly errors: () => string;
}

/** Starts the daemons, and `cat` in the place of QEMU. */
async function start({
  kind = "c",
  program = ["sh", "-c", "echo running >&2; exec cat"],
  offered = shares(),
  path = daemon,
  before = [],
}: {
  readonly kind?: "c" | "rust";
  readonly program?: readonly [string, ...string[]];
  readonly offered?: readonly HostShare[];
  readonly path?: string;
  readonly before?: readonly string[];
} = {}): Promise<Started> {
  const run = { ...offerShares({ kind: "virtiofs", daemon: { path, kind } }, offered), directory };
  makeShareDirectory(run);
  const argv = withShares(program, run);
  const [first = "", ...rest] = [...before, ...argv];
  const child = spawn(first, rest, {
    env: { ...process.env, PLACES: "/dev:/tmp:/proc:/sys", REPORTS: reportFile },
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  await expect
    .poll(() => /^running$/m.test(stderr) || child.exitCode !== null, { timeout: 120_000 })
    .toBe(true);
  const reports = readReports();
  return {
    child,
    reports: reports.toSorted((a, b) => a.words.join().localeCompare(b.words.join())),
    errors: () => stderr,
  };
}

async function ended({ child, reports }: Started): Promise<number | string | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "close");
  await expect
    .poll(() => reports.filter(({ pid }) => existsSync(`/proc/${pid}/exe`)), { timeout: 30_000 })
    .toEqual([]);
  await expect.poll(() => existsSync(directory), { timeout: 30_000 }).toBe(false);
  return child.exitCode ?? child.signalCode;
}

test("each daemon sees its directory, and one that is for reading cannot be written by root", async () => {
  const run = await start();
  expect(run.reports).toEqual([
    expect.objectContaining({
      words: [
        "--socket-path=a",
        "-o",
        "source=/run/share,sandbox=chroot,modcaps=-mknod:-fsetid:-setfcap,log_level=err,cache=none",
      ],
      uid: 0,
      files: ["file"],
    }),
    expect.objectContaining({
      words: [
        "--socket-path=b",
        "-o",
        "source=/run/share,sandbox=chroot,modcaps=-mknod:-fsetid:-setfcap,log_level=err,cache=auto,timeout=0,announce_submounts",
      ],
    }),
  ]);
  expect(run.reports.map(({ may }) => may[0])).toEqual(["EROFS", true]);
  expect(readdirSync(join(work, "ro \\ dir"))).toEqual(["file"]);
  run.child.stdin.end();
  expect(await ended(run)).toBe(0);
});

test("what is mounted below is for reading as well, and the host's /proc and /sys are not there", async () => {
  const root = {
    id: "a",
    tag: "a",
    path: "/",
    access: "read-only",
    cache: "always",
    submounts: "flat",
  } as const;
  const run = await start({ offered: [root], kind: "rust" });
  expect(run.reports[0]?.may).toEqual(Array.from({ length: 5 }, () => "EROFS"));
  expect(run.reports[0]?.words.join(" ")).toBe(
    `--socket-path a --shared-dir /run/share --sandbox ${process.getuid?.() === 0 ? "chroot" : "namespace"} --no-announce-submounts --modcaps=-mknod:-fsetid:-setfcap --cache always --log-level error`,
  );
  run.child.kill("SIGKILL");
  expect(await ended(run)).toBe("SIGKILL");
});

/** Root of a namespace of its own: what is shared is still for reading. Root itself can become such a user. */
const ordinary =
  process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] : [];

describe("an ordinary user", () => {
  test.each(["c", "rust"] as const)("runs the one in %s in a user namespace", async (kind) => {
    const [first] = shares();
    const way = { kind: "virtiofs", daemon: { path: daemon, kind } } as const;
    const offered = { ...offerShares(way, first === undefined ? [] : [first]), directory };
    chmodSync(work, 0o777);
    const make = spawnSync(ordinary[0] ?? "env", [...ordinary.slice(1), "mkdir", "-m", "700", directory]);
    expect(make.status).toBe(0);
    // That user need not be able to read where this repository is.
    const argv = withShares(["true"], offered).map((word) => {
      if (word !== virtiofsScript()) return word;
      for (const name of ["vm-virtiofs", "vm-hide"])
        copyFileSync(join(dirname(word), name), join(work, name));
      return join(work, "vm-virtiofs");
    });
    const { status, stderr } = spawnSync(ordinary[0] ?? "env", [...ordinary.slice(1), ...argv], {
      encoding: "utf8",
      env: { ...process.env, PLACES: "/", REPORTS: reportFile },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(readReports()[0]).toMatchObject({ files: ["file"], may: ["EROFS", "EROFS"] });
    await expect.poll(() => existsSync(directory), { timeout: 30_000 }).toBe(false);
  });
});

test("QEMU ends when a daemon has died, and says so", async () => {
  const run = await start();
  process.kill(run.reports[1]?.pid ?? 0, "SIGKILL");
  expect(await ended(run)).toBe("SIGTERM");
  expect(run.errors()).toContain(
    `vm-virtiofs: virtiofsd (${daemon}) was killed by signal 9: the guest has lost ${join(work, "rw")}\n`,
  );
});

test("QEMU is not started when a daemon cannot be, or has nothing to share", async () => {
  const failing = join(work, "failing");
  writeFileSync(failing, "#!/bin/sh\necho 'it has its reasons' >&2\nexit 1\n", { mode: 0o755 });
  const run = await start({ path: failing });
  expect(await ended(run)).toBe(1);
  expect(run.errors()).toContain(
    `it has its reasons\nvm-virtiofs: virtiofsd (${failing}) could not be started for`,
  );
  const missing = {
    id: "a",
    tag: "a",
    path: join(work, "missing"),
    access: "read-only",
    cache: "none",
    submounts: "flat",
  } as const;
  const none = await start({ offered: [missing] });
  expect(await ended(none)).toBe(1);
  expect(none.errors()).not.toContain("running");
});

function missingShare(): never {
  throw new Error("There is no such share.");
}

test("over 9p, and with nothing to share, QEMU is started as it is, but without root's right to device nodes where it writes", () => {
  const [readable = missingShare(), writable = missingShare()] = shares();
  expect(withShares(["qemu", "-S"], offerShares({ kind: "9p" }, [readable]))).toEqual(["qemu", "-S"]);
  const isRoot = process.getuid?.() === 0;
  const words = (text: string): string[] => (isRoot ? text.split(" ") : []);
  const less = words("setpriv --regid=65534 --clear-groups --bounding-set=-fsetid,-setfcap --");
  const rights = words("setpriv --bounding-set=-mknod,-sys_ptrace --");
  const guard = ["/bin/sh", noSetuidScript(), "9p"];
  const written = (...argv: [string, ...string[]]): readonly string[] =>
    withShares(argv, offerShares({ kind: "9p" }, [writable]), networkHelper(parseArgv(argv.slice(1))));
  expect(written("qemu", "-S")).toEqual([...less, ...guard, ...rights, "qemu", "-S"]);
  // Its helper is setuid, which root's is without.
  const bridge = ["qemu", "-netdev", "bridge,id=n"] as const;
  expect(written(...bridge)).toEqual([...less, ...(isRoot ? guard : []), ...rights, ...bridge]);
  for (const text of [
    "-nic bridge",
    "-net bridge,br=b",
    '-netdev {"type":"bridge","id":"n"}',
    "-netdev tap,id=n,helper=/h",
  ])
    expect(networkHelper(parseArgv(text.split(" ")))).toBe("setuid");
  expect(networkHelper(parseArgv(["-netdev", "user,id=bridge", "-device", "e1000,netdev=bridge"]))).toBe(
    "none",
  );
  // What only looks like it takes nothing away.
  for (const word of ["foo.helper=1", "bridge", "/srv/helper=x/file"]) {
    const other = ["qemu", "-append", word] as const;
    expect(written(...other)).toEqual([...less, ...guard, ...rights, ...other]);
  }
  const way = { kind: "virtiofs", daemon: { path: daemon, kind: "c" } } as const;
  expect(withShares(["qemu"], offerShares(way, []))).toEqual(["qemu"]);
});

test("the sockets' directory is short and new each time", () => {
  const way = { kind: "virtiofs", daemon: { path: daemon, kind: "c" } } as const;
  const names = [offerShares(way, shares()), offerShares(way, shares())].map((offered) => offered.directory);
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(Buffer.byteLength(join(name, "modules-index"))).toBeLessThan(108);
});

test("shellcheck finds no fault with the scripts", () => {
  const named = [virtiofsScript(), viewScript(), landlockScript(), noSetuidScript()];
  const scripts = [...named, join(dirname(viewScript()), "vm-hide")];
  const { stdout, status } = spawnSync("shellcheck", scripts, { encoding: "utf8" });
  expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
  expect(readFileSync(virtiofsScript(), "utf8")).toMatch(/^#!\/bin\/sh\n/);
});
