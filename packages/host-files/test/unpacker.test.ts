import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
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

test("What is in an archive is unpacked, from a file or from standard input", () => {
  const { archive, directory } = archiveOf((inside) => writeFileSync(join(inside, "file"), "content"));
  const end = runUnpacker(["bsdtar", "-xf", archive, "-C", directory], { directory });
  expect(end).toEqual({ status: 0, stderr: "" });
  expect(readFileSync(join(directory, "file"), "utf8")).toBe("content");
  writeFileSync(join(directory, "file"), "other");
  const input = openSync(archive, "r");
  onTestFinished(() => closeSync(input));
  expect(runUnpacker(["bsdtar", "-xf", "-", "-C", directory], { directory, input }).status).toBe(0);
  expect(readFileSync(join(directory, "file"), "utf8")).toBe("content");
});

test("A file that is too large ends it, also one that is nothing but a hole", () => {
  for (const write of [
    (file: string) => writeFileSync(file, Buffer.alloc(9 * mebi, "x")),
    (file: string) => {
      writeFileSync(file, "");
      truncateSync(file, 9 * mebi);
    },
  ]) {
    const { archive, directory } = archiveOf((inside) => write(join(inside, "file")));
    const end = runUnpacker(["bsdtar", "-xf", archive, "-C", directory], { directory, limits });
    expect(end).toMatchObject({ status: null, exceeded: "a file in it is larger than 8 MiB" });
  }
});

test("Too much in all, or too many files, are named with the limit", () => {
  const large = archiveOf((inside) => {
    for (const name of ["a", "b", "c"]) writeFileSync(join(inside, name), Buffer.alloc(7 * mebi, "x"));
  });
  expect(
    runUnpacker(["bsdtar", "-xf", large.archive, "-C", large.directory], { ...large, limits }).exceeded,
  ).toBe("it is larger than 16 MiB when it is unpacked");
  const many = archiveOf((inside) => {
    for (let number = 0; number < 200; number++) writeFileSync(join(inside, String(number)), "");
  });
  expect(
    runUnpacker(["bsdtar", "-xf", many.archive, "-C", many.directory], { ...many, limits }).exceeded,
  ).toBe("it holds more than 100 files");
});

test("One that would go on for ever is stopped on its way", () => {
  const directory = scratch();
  const endless = `for n in 1 2 3; do head -c 7000000 /dev/zero >${directory}/$n; done; exec sleep 1000`;
  const end = runUnpacker(["sh", "-c", endless], { directory, limits });
  expect(end).toMatchObject({ status: null, exceeded: "it is larger than 16 MiB when it is unpacked" });
});

test("Its own failure is its own, and a program that is not there is said as Node says it", () => {
  const directory = scratch();
  expect(runUnpacker(["sh", "-c", "echo broken >&2; exit 3"], { directory })).toEqual({
    status: 3,
    stderr: "broken\n",
  });
  expect(runUnpacker(["no-such-program"], { directory }).error).toMatchObject({ code: "ENOENT" });
});

test.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)(
  "It dies with the one who started it (%s)",
  async (signal) => {
    const directory = scratch();
    const source = `
    import { runUnpacker } from "./index.js";
    const [directory] = process.argv.slice(2);
    runUnpacker(["sh", "-c", 'echo $$ >"$0/pid"; exec sleep 1000', directory], { directory });`;
    const program = join(scratch(), "unpack.cjs");
    buildSync({
      stdin: { contents: source, resolveDir: new URL("../src", import.meta.url).pathname },
      bundle: true,
      platform: "node",
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
