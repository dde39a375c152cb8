import { execFileSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { resolveKernel } from "../../src/index.js";
import { bsdtar } from "../../src/packages/bsdtar.js";
import { failure, rejection } from "../failure.js";
import { makeRpm } from "../made-up-packages.js";
import { bzImage, temporaryDirectory, x86Config } from "../made-up-tree.js";

/** Packages that were made to fill the memory or the disk of who looks at them, and those that only look odd. */

type Fill = Readonly<Record<string, string | Buffer | number>>;

/** An archive of tar; of a number stands a hole of so many bytes. */
function archive(files: Fill, compression: string): Buffer {
  const root = temporaryDirectory();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === "number" ? "" : content);
    if (typeof content === "number") truncateSync(join(root, path), content);
  }
  // GNU tar's, which dpkg-deb reads as well.
  const tar = ["-S", "--format=gnu", "-C", root, "-cf", "-", "."];
  return execFileSync("sh", ["-c", `tar "$@" | ${compression}`, "sh", ...tar], { maxBuffer: 1 << 30 });
}

/** An ar(5) archive of these members; dpkg-deb itself makes no bad ones. */
function deb(directory: string, members: Readonly<Record<string, Buffer>>): string {
  const parts = Object.entries(members).flatMap(([name, content]) => [
    `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(content.length).padEnd(10)}\`\n`,
    content,
    content.length % 2 === 0 ? "" : "\n",
  ]);
  const file = join(directory, "linux-image-6.1.0_1_amd64.deb");
  writeFileSync(file, Buffer.concat(["!<arch>\n", ...parts].map((part) => Buffer.from(part))));
  return file;
}

const control =
  "Package: linux-image-6.1.0\nVersion: 1\nArchitecture: amd64\nMaintainer: x\nDescription: x\n";
const kernel: Fill = { "boot/vmlinuz-6.1.0": bzImage("6.1.0"), "boot/config-6.1.0": x86Config };
const binary = Buffer.from("2.0\n");

/** How a package ends that is refused; nothing of it stays. */
async function refusal(file: string): Promise<{ readonly message: string }> {
  const cacheDir = temporaryDirectory();
  const error = await rejection(resolveKernel(file, { cwd: "/", cacheDir }));
  expect(error.code).toBe("PACKAGE_TOO_LARGE");
  expect(readdirSync(cacheDir, { recursive: true }).filter((name) => String(name).includes("hole"))).toEqual(
    [],
  );
  return error;
}

test.each(["xz -0", "zstd -q -1", "gzip -1"])(
  "a .deb (%s) with a file that no kernel has",
  async (compression) => {
    const suffix = compression.startsWith("xz") ? "xz" : compression.startsWith("gzip") ? "gz" : "zst";
    const file = deb(temporaryDirectory(), {
      "debian-binary": binary,
      [`control.tar.${suffix}`]: archive({ control }, compression),
      [`data.tar.${suffix}`]: archive({ ...kernel, hole: 5 * 2 ** 30 }, compression),
    });
    expect((await refusal(file)).message).toContain("larger than 4 GiB");
  },
);

test("a .deb that says more of itself than any", async () => {
  const file = deb(temporaryDirectory(), {
    "debian-binary": binary,
    // Written, not a hole: it is read through a pipe.
    "control.tar.zst": archive({ control: Buffer.alloc(100 << 20, " ") }, "zstd -q -1"),
    "data.tar.zst": archive(kernel, "zstd -q -1"),
  });
  expect((await refusal(file)).message).toContain("larger than 64 MiB");
});

test("a .deb in whose control archive stands another one, as large, is read for its words alone", async () => {
  const file = deb(temporaryDirectory(), {
    "debian-binary": binary,
    "control.tar.zst": archive({ control, hole: 5 * 2 ** 30 }, "zstd -q -1"),
    "data.tar.zst": archive(kernel, "zstd -q -1"),
  });
  const cacheDir = join(temporaryDirectory(), "cache");
  expect((await resolveKernel(file, { cwd: "/", cacheDir })).release).toBe("6.1.0");
});

test("an .rpm with more values than any", async () => {
  const directory = temporaryDirectory();
  const file = makeRpm(directory, { name: "kernel-core" }, { "lib/modules/6.1.0/vmlinuz": bzImage("6.1.0") });
  const bytes = readFileSync(file);
  // The count of values of the tag 1117, the files' names, in its entry of the index.
  const entry = bytes.indexOf(Buffer.from([0, 0, 0x04, 0x5d, 0, 0, 0, 8]));
  expect(entry).toBeGreaterThan(0);
  bytes.writeUInt32BE(0x7fffffff, entry + 12);
  writeFileSync(join(directory, "many.rpm"), bytes);
  expect((await refusal(join(directory, "many.rpm"))).message).toContain("values of a kind");
});

test.each([0, 1, 2, 3, 4, 5])(
  "a .deb of zstd is read to its end, whatever its size, where dpkg-deb is not installed (%i)",
  async (extra) => {
    const bin = temporaryDirectory();
    for (const name of ["bsdtar", "sh", "du", "find", "wc", "sleep", "head", "tail", "cat", "rm"])
      writeFileSync(
        join(bin, name),
        `#!/bin/sh\nexec ${execFileSync("which", [name], { encoding: "utf8" }).trim()} "$@"\n`,
        { mode: 0o755 },
      );
    const path = process.env["PATH"];
    onTestFinished(() => {
      process.env["PATH"] = path;
    });
    const noise = Buffer.from(
      Array.from({ length: 1000 + extra }, (_, index) => (index * 7919 * (index + extra)) % 251),
    );
    const file = deb(temporaryDirectory(), {
      "debian-binary": binary,
      "control.tar.zst": archive({ control }, "zstd -q"),
      "data.tar.zst": archive({ ...kernel, noise }, "zstd -q"),
    });
    process.env["PATH"] = bin;
    const cacheDir = join(temporaryDirectory(), "cache");
    expect((await resolveKernel(file, { cwd: "/", cacheDir })).release).toBe("6.1.0");
  },
);

test("a list of files that takes for ever to read is given up, from a file and from a piece of one", () => {
  const directory = temporaryDirectory();
  // The header of one file of a terabyte, and then nothing but zeros, packed 300 times: 19 GB in 19 MB.
  const hole = join(directory, "hole");
  writeFileSync(hole, "");
  truncateSync(hole, 2 ** 40);
  const header = execFileSync("sh", ["-c", 'tar -cf - --format=gnu -C "$0" hole | head -c 512', directory]);
  const zeros = gzipSync(Buffer.alloc(64 << 20));
  const bomb = join(directory, "bomb.tar.gz");
  writeFileSync(bomb, Buffer.concat([gzipSync(header), ...Array.from({ length: 300 }, () => zeros)]));
  const limit = { named: bomb, cpuSeconds: 1 };
  const expected = { code: "PACKAGE_TOO_LARGE", message: expect.stringContaining("cannot be listed in 1 s") };
  expect(failure(() => bsdtar(["-tf", bomb], limit))).toMatchObject(expected);
  const descriptor = openSync(bomb, "r");
  onTestFinished(() => closeSync(descriptor));
  const input = { descriptor, offset: 0, size: statSync(bomb).size };
  expect(failure(() => bsdtar(["-tf", "-"], { ...limit, input }))).toMatchObject(expected);
});
