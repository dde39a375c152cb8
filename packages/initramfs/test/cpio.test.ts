import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { assert, property, stringMatching, tuple, uint8Array, uniqueArray } from "fast-check";
import { expect, test } from "vitest";
import { type ArchiveEntry, renderCpio } from "../src/index.js";
import { temporaryDirectory } from "./temporary-directory.js";

const sample: readonly ArchiveEntry[] = [
  { kind: "file", path: "init", mode: 0o755, content: Buffer.from("#!/bin/sh\n") },
  { kind: "directory", path: "dev" },
  { kind: "character-device", path: "dev/console", mode: 0o600, major: 5, minor: 1 },
  { kind: "directory", path: "bin" },
  { kind: "link", path: "bin/sh", target: "busybox" },
  { kind: "file", path: "bin/busybox", mode: 0o644, content: Buffer.from([0, 1, 2, 255, 0]) },
  { kind: "file", path: "empty", mode: 0o600, content: Buffer.alloc(0) },
];

test("cpio lists what was put in, sorted, owned by root, from 1970", () => {
  const { stdout, stderr, status } = spawnSync("cpio", ["-tvn"], {
    input: renderCpio(sample),
    encoding: "utf8",
    env: { ...process.env, TZ: "UTC", LC_ALL: "C" },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/^\d+ blocks?\n$/) });
  expect(stdout.replaceAll(/ +/g, " ")).toBe(`drwxr-xr-x 2 0 0 0 Jan 1 1970 bin
-rw-r--r-- 1 0 0 5 Jan 1 1970 bin/busybox
lrwxrwxrwx 1 0 0 7 Jan 1 1970 bin/sh -> busybox
drwxr-xr-x 2 0 0 0 Jan 1 1970 dev
crw------- 1 0 0 5, 1 Jan 1 1970 dev/console
-rw------- 1 0 0 0 Jan 1 1970 empty
-rwxr-xr-x 1 0 0 10 Jan 1 1970 init
`);
});

test("cpio unpacks it, and busybox's cpio does, to the same files", () => {
  const entries = sample.filter(({ kind }) => kind !== "character-device");
  for (const program of [["cpio"], ["busybox", "cpio"]] as const) {
    const directory = temporaryDirectory();
    const [file = "", ...args] = [...program, "-id"];
    execFileSync(file, args, {
      cwd: directory,
      input: renderCpio(entries),
      stdio: ["pipe", "pipe", "ignore"],
    });
    expect(entries.map((entry) => asFound(directory, entry))).toEqual(entries);
  }
});

function asFound(directory: string, { kind, path }: ArchiveEntry): ArchiveEntry {
  const file = join(directory, path);
  const found = lstatSync(file);
  if (found.isSymbolicLink()) return { kind: "link", path, target: readlinkSync(file) };
  if (found.isDirectory()) return { kind: "directory", path };
  expect(kind).toBe("file");
  return { kind: "file", path, mode: found.mode & 0o777, content: readFileSync(file) };
}

test("the order in which files are given does not matter, and the same files give the same bytes", () => {
  expect(digest(sample.toReversed())).toBe(digest(sample));
  expect(renderCpio(sample).length % 512).toBe(0);
});

test("files of any name and length come back as they were", () => {
  const name = stringMatching(/^[^/\0]{1,40}$/).filter((text) => ![".", ".."].includes(text));
  assert(
    property(
      uniqueArray(tuple(name, uint8Array({ maxLength: 600 })), { selector: ([path]) => path }),
      (files) => {
        const archive = renderCpio(
          files.map(([path, content]) => ({ kind: "file" as const, path, mode: 0o644, content })),
        );
        const output = readBack(archive);
        expect(new Map(output)).toEqual(
          new Map(files.map(([path, content]) => [path, Buffer.from(content)])),
        );
      },
    ),
    { numRuns: 200 },
  );
});

test.each(["", "/etc/passwd", "../up", "a/../b", "a//b", "./a", "a/", "TRAILER!!!", "a\0b"])(
  "a path such as %j is refused",
  (path) => {
    expect(() => renderCpio([{ kind: "directory", path }])).toThrow(
      expect.objectContaining({ code: "CPIO_PATH_INVALID" }),
    );
  },
);

test("a path that comes twice is refused", () => {
  expect(() => renderCpio([...sample, ...sample])).toThrow(
    expect.objectContaining({ code: "CPIO_PATH_INVALID" }),
  );
});

/** A second reading of the format, as the kernel does it: init/initramfs.c. */
function readBack(archive: Buffer): [path: string, content: Buffer][] {
  const files: [string, Buffer][] = [];
  for (let at = 0; ;) {
    expect(archive.subarray(at, at + 6).toString()).toBe("070701");
    const field = (index: number): number =>
      Number.parseInt(archive.subarray(at + 6 + 8 * index, at + 14 + 8 * index).toString(), 16);
    const [size, nameSize] = [field(6), field(11)];
    const name = archive.subarray(at + 110, at + 110 + nameSize - 1).toString();
    if (name === "TRAILER!!!") return files;
    const start = (at + 110 + nameSize + 3) & ~3;
    files.push([name, archive.subarray(start, start + size)]);
    at = (start + size + 3) & ~3;
  }
}

function digest(entries: readonly ArchiveEntry[]): string {
  return createHash("sha256").update(renderCpio(entries)).digest("hex");
}
