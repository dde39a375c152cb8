import { execFileSync } from "node:child_process";
import { symlinkSync, truncateSync } from "node:fs";
import { release as hostRelease } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { findConfig, resolveConfig } from "../../src/index.js";
import { failure, rejection } from "../failure.js";
import { temporaryDirectory, writeFiles } from "../made-up-tree.js";
import { makeBzImage, makeKernel } from "../packed-image.js";

const text = "# Linux/x86 6.1.0 Kernel Configuration\nCONFIG_X86_64=y\n";
const other = "# Another\nCONFIG_ARM64=y\n";

function find(kernel: string, files: Readonly<Record<string, string | Uint8Array>>) {
  const root = writeFiles(temporaryDirectory(), files);
  const { text: found, from, release, tree } = findConfig(kernel, { cwd: root, root });
  return {
    text: found,
    from: from.replace(`${root}/`, ""),
    release,
    tree: tree?.replace(`${root}/`, "") ?? null,
  };
}

describe("findConfig", () => {
  test("takes the .config of a build tree, with the release that the tree says", () => {
    const files = { "build/.config": text, "build/include/config/kernel.release": "6.1.0-mine\n" };
    expect(find("build", files)).toEqual({
      text,
      from: "build/.config",
      release: "6.1.0-mine",
      tree: "build",
    });
  });

  test.each([
    ["boot/config-6.1.0-9-amd64", "6.1.0-9-amd64"],
    ["lib/modules/6.1.0-9-amd64/config", "6.1.0-9-amd64"],
    ["usr/lib/modules/6.6.1-arch1/config", "6.6.1-arch1"],
    ["lib/modules/6.1.0/build/.config", "6.1.0"],
  ])("takes %s of an unpacked package", (name, release) => {
    expect(find("pkg", { [`pkg/${name}`]: text })).toEqual({
      text,
      from: `pkg/${name}`,
      release,
      tree: null,
    });
  });

  test("takes a directory of modules", () => {
    expect(find("6.6.1-arch1", { "6.6.1-arch1/config": text })).toMatchObject({ release: "6.6.1-arch1" });
  });

  test("takes a configuration itself, plain or packed like /proc/config.gz", () => {
    expect(find("my.config", { "my.config": text })).toMatchObject({
      text,
      from: "my.config",
      release: null,
    });
    expect(find("config-6.1.0-1", { "config-6.1.0-1": text })).toMatchObject({ release: "6.1.0-1" });
    expect(find("config.gz", { "config.gz": gzipSync(text) })).toMatchObject({ text });
  });

  test("takes what the image has in it", () => {
    const image = makeBzImage(makeKernel({ release: "6.2.0", config: text }), "gzip", "6.2.0");
    expect(find("bzImage", { bzImage: image, "boot/config-6.2.0": other })).toEqual({
      text,
      from: expect.stringMatching(/^in .*bzImage$/),
      release: "6.2.0",
      tree: null,
    });
  });

  test("takes what was installed beside the image, else what /boot has for its release", () => {
    const vmlinuz = makeBzImage(makeKernel({ release: "6.2.0" }), "gzip", "6.2.0");
    const beside = { "boot/vmlinuz-6.2.0": vmlinuz, "boot/config-6.2.0": text };
    expect(find("boot/vmlinuz-6.2.0", beside)).toMatchObject({ text, from: "boot/config-6.2.0" });
    const modules = { "modules/6.2.0/vmlinuz": vmlinuz, "modules/6.2.0/config": text };
    expect(find("modules/6.2.0/vmlinuz", modules)).toMatchObject({ text, release: "6.2.0" });
    expect(find("vmlinuz", { vmlinuz, "usr/lib/modules/6.2.0/config": text })).toMatchObject({
      from: "usr/lib/modules/6.2.0/config",
    });
  });

  test("takes an installed release by its name, and host for the one that runs", () => {
    expect(find("6.1.0-9-amd64", { "boot/config-6.1.0-9-amd64": text })).toMatchObject({
      release: "6.1.0-9-amd64",
    });
    expect(find("host", { "proc/config.gz": gzipSync(text) })).toMatchObject({
      text,
      release: hostRelease(),
    });
  });

  test.each([
    ["nothing", {}, "KERNEL_NOT_FOUND"],
    ["6.1.0", { "boot/vmlinuz-6.1.0": "" }, "KERNEL_NOT_FOUND"],
    ["empty", { "empty/README": "" }, "KERNEL_CONFIG_NOT_FOUND"],
    ["image", { image: makeKernel({ release: "6.2.0" }) }, "KERNEL_CONFIG_NOT_FOUND"],
    ["script", { script: "#!/bin/sh\nexit 0\n" }, "KERNEL_CONFIG_NOT_FOUND"],
  ])("says what is wrong with %s", (kernel, files, code) => {
    expect(() => find(kernel, files)).toThrow(expect.objectContaining({ code, hint: expect.any(String) }));
  });

  test("tells how to get at what is in a package", () => {
    const root = writeFiles(temporaryDirectory(), { "linux.deb": "!<arch>\n" });
    expect(() => findConfig("linux.deb", { cwd: root, root })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("vm kernel ") }),
    );
  });

  test("names the release it looked for", () => {
    const root = writeFiles(temporaryDirectory(), { image: makeKernel({ release: "6.2.0-x" }) });
    expect(() => findConfig(join(root, "image"), { cwd: root, root })).toThrow(/config-6\.2\.0-x/);
  });
});

test("a FIFO or a device is no configuration, and no hang", () => {
  const cwd = temporaryDirectory();
  execFileSync("mkfifo", [join(cwd, "fifo")]);
  for (const name of ["fifo", "/dev/zero"])
    expect(failure(() => findConfig(name, { cwd })).code).toBe("KERNEL_UNREADABLE");
});

test("what unpacks to more than a configuration, or is larger than a kernel, is refused", () => {
  const cwd = writeFiles(temporaryDirectory(), {
    "config.gz": gzipSync(Buffer.concat([Buffer.from("CONFIG_X=y\n"), Buffer.alloc(64 << 20, "\n")])),
    huge: "CONFIG_X=y\n",
    "Image.gz": gzipSync(Buffer.alloc(600 << 20), { level: 1 }),
  });
  truncateSync(join(cwd, "huge"), 2 ** 40);
  expect(failure(() => findConfig("huge", { cwd })).code).toBe("KERNEL_UNREADABLE");
  expect(failure(() => findConfig("config.gz", { cwd })).code).toBe("KERNEL_CONFIG_NOT_FOUND");
  expect(failure(() => findConfig("Image.gz", { cwd })).code).toBe("IMAGE_TOO_LARGE");
});

describe("resolveConfig", () => {
  const tree = { "builds/mine/.config": text, "builds/mine/include/config/kernel.release": "6.1.0-mine\n" };

  test("finds a name in builds where no path and nothing nearer has it", async () => {
    const cwd = writeFiles(temporaryDirectory(), tree);
    const found = await resolveConfig("mine", { cwd, builds: ["builds"] });
    expect(found).toMatchObject({ text, release: "6.1.0-mine", tree: join(cwd, "builds/mine") });
    expect((await rejection(resolveConfig("./mine", { cwd, builds: ["builds"] }))).code).toBe(
      "KERNEL_NOT_FOUND",
    );
    writeFiles(cwd, { "mine/.config": other });
    expect((await resolveConfig("mine", { cwd, builds: ["builds"] })).text).toBe(other);
  });

  test("follows KBUILD_OUTPUT from the source that was built there", async () => {
    const cwd = writeFiles(temporaryDirectory(), {
      "linux/Kbuild": "",
      "linux/Kconfig": "",
      "linux/out/.config": text,
    });
    symlinkSync(join(cwd, "linux"), join(cwd, "linux/out/source"));
    const found = await resolveConfig("linux", { cwd, kbuildOutput: "out" });
    expect(found.from).toBe(join(cwd, "linux/out/.config"));
  });
});
