import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { expect, test } from "vitest";
import { runUnpacker } from "../src/index.js";
import { scratch } from "./scratch.js";

/** An archive, and an empty directory for what is in it. */
function archiveOf(fill: (directory: string) => void): {
  readonly archive: string;
  readonly directory: string;
} {
  const base = scratch();
  for (const name of ["in", "out"]) mkdirSync(join(base, name));
  fill(join(base, "in"));
  const archive = join(base, "a.tar.zst");
  execFileSync("bsdtar", ["--zstd", "-cf", archive, "-C", join(base, "in"), "."]);
  return { archive, directory: join(base, "out") };
}

const mebi = 2 ** 20;
const limits = { fileBytes: 8 * mebi, totalBytes: 16 * mebi, files: 100 };

test("What is in an archive is unpacked, from a file or from standard input", async () => {
  const { archive, directory } = archiveOf((inside) => writeFileSync(join(inside, "file"), "content"));
  const end = await runUnpacker(["bsdtar", "-xf", archive, "-C", directory], { directory });
  expect(end).toEqual({ kind: "ended", exitCode: 0, stderr: "" });
  expect(readFileSync(join(directory, "file"), "utf8")).toBe("content");
  writeFileSync(join(directory, "file"), "other");
  const input = createReadStream(archive);
  expect(await runUnpacker(["bsdtar", "-xf", "-", "-C", directory], { directory, input })).toMatchObject({
    exitCode: 0,
  });
  expect(readFileSync(join(directory, "file"), "utf8")).toBe("content");
});

test("A file that is too large ends it, also one that is nothing but a hole", async () => {
  for (const write of [
    (file: string) => writeFileSync(file, Buffer.alloc(9 * mebi, "x")),
    (file: string) => {
      writeFileSync(file, "");
      truncateSync(file, 9 * mebi);
    },
  ]) {
    const { archive, directory } = archiveOf((inside) => write(join(inside, "file")));
    const exceeded = { kind: "exceeded", exceeded: "a file in it is larger than 8 MiB" };
    const unpack = ["bsdtar", "-xf", archive, "-C", directory] as const;
    expect(await runUnpacker(unpack, { directory, limits })).toEqual(exceeded);
    // dpkg-deb has a tar that it waits for.
    const byChild = ["/bin/bash", "-c", '"$@"; exit 2', "bash", ...unpack] as const;
    expect(await runUnpacker(byChild, { directory, limits })).toEqual(exceeded);
  }
});

test("Too much in all, or too many files, are named with the limit", async () => {
  const large = archiveOf((inside) => {
    for (const name of ["a", "b", "c"]) writeFileSync(join(inside, name), Buffer.alloc(7 * mebi, "x"));
  });
  expect(
    await runUnpacker(["bsdtar", "-xf", large.archive, "-C", large.directory], { ...large, limits }),
  ).toEqual({ kind: "exceeded", exceeded: "it is larger than 16 MiB when it is unpacked" });
  const many = archiveOf((inside) => {
    for (let number = 0; number < 200; number++) writeFileSync(join(inside, String(number)), "");
  });
  expect(
    await runUnpacker(["bsdtar", "-xf", many.archive, "-C", many.directory], { ...many, limits }),
  ).toEqual({ kind: "exceeded", exceeded: "it holds more than 100 files" });
});

test("What is small on the disk and never ends is stopped by the time that it takes", async () => {
  const directory = scratch();
  const busy = ["sh", "-c", "while :; do :; done"] as const;
  const exceeded = { kind: "exceeded", exceeded: "to unpack it takes more than 1 s" };
  const short = { ...limits, cpuSeconds: 1 };
  expect(await runUnpacker(busy, { directory, limits: short })).toEqual(exceeded);
  const byChild = ["/bin/bash", "-c", '"$@"; exit 2', "bash", ...busy] as const;
  expect(await runUnpacker(byChild, { directory, limits: short })).toEqual(exceeded);
});

test("One that would go on for ever is stopped on its way", async () => {
  const directory = scratch();
  const endless = `for n in 1 2 3; do head -c 7000000 /dev/zero >${directory}/$n; done; exec sleep 1000`;
  const end = await runUnpacker(["sh", "-c", endless], { directory, limits });
  expect(end).toMatchObject({ kind: "exceeded", exceeded: "it is larger than 16 MiB when it is unpacked" });
});

test("A program that wants any amount of memory, as an archive may ask for, does not get it", async () => {
  const greedy = ["perl", "-e", 'my $all = "x" x (3 * 2 ** 30); print STDERR length $all'] as const;
  const end = await runUnpacker(greedy, { directory: scratch() });
  expect(end).toMatchObject({ kind: "ended", stderr: expect.stringMatching(/^Out of memory/i) });
  expect(end).not.toMatchObject({ exitCode: 0 });
});

test("Its own failure is its own, and a program that is not there is missing", async () => {
  const directory = scratch();
  expect(await runUnpacker(["sh", "-c", "echo broken >&2; exit 3"], { directory })).toEqual({
    kind: "ended",
    exitCode: 3,
    stderr: "broken\n",
  });
  expect(await runUnpacker(["no-such-program"], { directory })).toEqual({ kind: "missing" });
});

test("It is stopped, with what it started, when its caller gives up", async () => {
  const directory = scratch();
  const stop = new AbortController();
  const script = 'sh -c \'echo $$ >"$0/pid"; exec sleep 1000\' "$0" & wait';
  const end = runUnpacker(["sh", "-c", script, directory], { directory, signal: stop.signal });
  const pid = await pidIn(directory);
  stop.abort(new Error("enough"));
  await expect(end).rejects.toThrow("enough");
  while (isAlive(pid)) await pause();
});

test.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)(
  "It dies with the one who started it (%s)",
  async (signal) => {
    const directory = scratch();
    const source = `
    import { runUnpacker } from "./index.js";
    const [directory] = process.argv.slice(2);
    await runUnpacker(["sh", "-c", 'echo $$ >"$0/pid"; exec sleep 1000', directory], { directory });`;
    const program = join(scratch(), "unpack.mjs");
    buildSync({
      stdin: { contents: source, resolveDir: new URL("../src", import.meta.url).pathname },
      bundle: true,
      platform: "node",
      format: "esm",
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
      conditions: ["@vm/source"],
      outfile: program,
      logLevel: "error",
    });
    const child = spawn(process.execPath, [program, directory], { stdio: "ignore" });
    const pid = await pidIn(directory);
    child.kill(signal);
    await once(child, "close");
    for (let attempt = 0; attempt < 500 && isAlive(pid); attempt++) await pause();
    expect(isAlive(pid)).toBe(false);
  },
);

async function pidIn(directory: string): Promise<number> {
  for (;;) {
    const text = readdirSync(directory).includes("pid") ? readFileSync(join(directory, "pid"), "utf8") : "";
    if (text.endsWith("\n")) return Number(text);
    await pause();
  }
}

function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 20));
}
