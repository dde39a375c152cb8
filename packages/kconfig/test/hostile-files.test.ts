import { execFileSync } from "node:child_process";
import { truncateSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { findConfig, readFragments } from "../src/index.js";
import { temporaryDirectory, writeFiles } from "./made-up-source.js";

function code(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return Object(error).code;
  }
  throw new Error("nothing was thrown");
}

test("a FIFO or a device is no configuration, no fragment, and no hang", () => {
  const cwd = temporaryDirectory();
  execFileSync("mkfifo", [join(cwd, "fifo"), join(cwd, "NAME.fragment")]);
  for (const name of ["fifo", "/dev/zero"])
    expect(code(() => findConfig(name, { cwd }))).toBe("KERNEL_UNREADABLE");
  expect(code(() => readFragments(["NAME.fragment"], { cwd }))).toBe("FRAGMENT_NOT_FOUND");
  expect(code(() => readFragments(["NAME"], { cwd, configs: cwd }))).toBe("FRAGMENT_NOT_FOUND");
});

test("what unpacks to more than a configuration, or is larger than a kernel, is refused", () => {
  const cwd = writeFiles(temporaryDirectory(), {
    "config.gz": gzipSync(Buffer.concat([Buffer.from("CONFIG_X=y\n"), Buffer.alloc(64 << 20, "\n")])),
    huge: "CONFIG_X=y\n",
    "Image.gz": gzipSync(Buffer.alloc(600 << 20), { level: 1 }),
  });
  truncateSync(join(cwd, "huge"), 2 ** 40);
  expect(code(() => findConfig("huge", { cwd }))).toBe("KERNEL_UNREADABLE");
  expect(code(() => findConfig("config.gz", { cwd }))).toBe("KERNEL_CONFIG_NOT_FOUND");
  expect(code(() => findConfig("Image.gz", { cwd }))).toBe("IMAGE_TOO_LARGE");
});
