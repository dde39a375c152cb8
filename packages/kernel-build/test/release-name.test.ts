import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { assert, constantFrom, property, string, tuple } from "fast-check";
import { describe, expect, test } from "vitest";
import { checkModulesIndex, ensureModulesIndex, isRelease, readImage, resolveKernel } from "../src/index.js";
import { failure, rejection } from "./failure.js";
import { bzImageRelease } from "../src/image/image-content.js";
import { arm64Image } from "./made-up-image.js";
import { bzImage, makeTree, put, temporaryDirectory } from "./made-up-tree.js";

const hostile = [
  "../../escape",
  "..",
  ".",
  "/etc/escape",
  "6.1/../../escape",
  "6.1.0'$(touch x)'",
  "6.1.0\u001b[2Jx",
  "-n",
  "6".repeat(65),
];

describe("a release", () => {
  test.each(["6.1.0", "7.2.13-amd64", "6.12.5-arch1-1", "6.18.0-rc1+", "6.9.0~exp_2", "6".repeat(64)])(
    "such as %s is taken",
    (release) => expect(isRelease(release)).toBe(true),
  );

  test.each(["", ...hostile])("such as %j is not", (release) => expect(isRelease(release)).toBe(false));

  test("that is taken is one word of a path, whatever it was made of", () => {
    const part = constantFrom("..", "/", "6.1", "\0", " ", "\n", "-");
    assert(
      property(tuple(string(), part, part, string()), (parts) => {
        const text = parts.join("");
        if (!isRelease(text)) return;
        expect(join("/cache", text)).toBe(`/cache/${text}`);
        expect(text).not.toMatch(/^-|\s/);
      }),
    );
  });
});

describe("a release that is none", () => {
  test.each(hostile)("in a build tree (%j) is an error, and nothing is written for it", async (release) => {
    const cwd = temporaryDirectory();
    const tree = makeTree(join(cwd, "linux"), { release, imageRelease: "6.1.0", modulesOrder: "" });
    expect((await rejection(resolveKernel(tree, { cwd: "/" }))).code).toBe("RELEASE_INVALID");
  });

  test.each(hostile.filter((release) => !/\s/.test(release)))(
    "in a bzImage (%j) is an error",
    async (release) => {
      const cwd = temporaryDirectory();
      put(cwd, "bzImage", bzImage(release));
      expect((await rejection(resolveKernel("./bzImage", { cwd }))).code).toBe("RELEASE_INVALID");
      expect(failure(() => readImage(bzImage(release))).code).toBe("RELEASE_INVALID");
      expect(failure(() => bzImageRelease(bzImage(release))).code).toBe("RELEASE_INVALID");
      const tree = makeTree(join(cwd, "linux"), { imageRelease: release });
      expect((await rejection(resolveKernel(tree, { cwd }))).code).toBe("RELEASE_INVALID");
    },
  );

  test("in the banner of an image is no banner", async () => {
    const cwd = temporaryDirectory();
    put(cwd, "Image", arm64Image("6.1/../../../escape"));
    expect((await rejection(resolveKernel("./Image", { cwd }))).code).toBe("KERNEL_RELEASE_UNKNOWN");
  });

  test("as the name of a file or of a directory of modules is passed over, or an error", async () => {
    const cwd = temporaryDirectory();
    put(cwd, "root/boot/vmlinuz-6.1.0", arm64Image("6.1.0"));
    put(cwd, "root/boot/vmlinuz-6.9 $(x)", arm64Image("6.9.0"));
    mkdirSync(join(cwd, "root/lib/modules/7.0;x"), { recursive: true });
    expect((await resolveKernel("./root", { cwd })).release).toBe("6.1.0");
    expect((await rejection(resolveKernel("./root/lib/modules/7.0;x", { cwd }))).code).toBe(
      "RELEASE_INVALID",
    );
  });
});

test("modules that modules.order lists outside of its tree are not looked at", async () => {
  const cwd = temporaryDirectory();
  put(cwd, "outside.ko", "");
  const order = `../outside.o\n/${cwd}/outside.o\nfs/../../outside.o\n`;
  const build = await resolveKernel(makeTree(join(cwd, "linux"), { modulesOrder: order }), { cwd });
  const cacheDir = join(cwd, "cache");
  expect(checkModulesIndex(build, { cacheDir }).state).toBe("stale");
  expect(await ensureModulesIndex(build, { cacheDir })).toMatchObject({
    state: "made",
    count: 0,
    warnings: [],
  });
  expect(readdirSync(cwd).toSorted()).toEqual(["cache", "linux", "outside.ko"]);
  expect(existsSync(join(cwd, "cache/modules-index"))).toBe(true);
});
