import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { ensureModulesIndex, readImage, resolveKernel } from "../src/index.js";
import { failure, rejection } from "./failure.js";
import { arm64Image } from "./made-up-image.js";
import { bzImage, makeTree, put, temporaryDirectory } from "./made-up-tree.js";

/** What waits for ever when it is opened. */
function putFifo(tree: string, path: string): void {
  rmSync(join(tree, path), { force: true });
  execFileSync("mkfifo", [join(tree, path)]);
}

/** What comes of a root: the code of the error, or the state of the index. */
async function endOf(root: string): Promise<string> {
  try {
    const cacheDir = join(temporaryDirectory(), "cache");
    return (await ensureModulesIndex(await resolveKernel(root, { cwd: "/" }), { cacheDir })).state;
  } catch (error) {
    return String(Object(error).code);
  }
}

/** A tree whose image only its make can tell, and a file that says that it ran. */
function ownImage(): { readonly tree: string; readonly ran: string } {
  const tree = makeTree(temporaryDirectory(), { image: "arch/x86/boot/own.img" });
  const ran = join(temporaryDirectory(), "ran");
  writeFileSync(join(tree, "Makefile"), `image_name:\n\t@: >${ran}; echo arch/x86/boot/own.img\n`);
  return { tree, ran };
}

describe("a FIFO where a file is expected is no hang", () => {
  test.each([".config", "arch/x86/boot/bzImage"])("%s of a build tree", async (path) => {
    const tree = makeTree(temporaryDirectory());
    putFifo(tree, path);
    expect((await rejection(resolveKernel(tree, { cwd: "/" }))).code).toBe("KERNEL_UNREADABLE");
  });

  test("include/config/kernel.release of a build tree", async () => {
    const tree = makeTree(temporaryDirectory());
    putFifo(tree, "include/config/kernel.release");
    // The image says it too.
    expect((await resolveKernel(tree, { cwd: "/" })).release).toBe("6.1.0");
  });

  test.each(["modules.order", "modules.builtin", "modules.builtin.modinfo", "Module.symvers"])(
    "%s, which the index of the modules is made of",
    async (path) => {
      const tree = makeTree(temporaryDirectory(), { modulesOrder: "" });
      const build = await resolveKernel(tree, { cwd: "/" });
      putFifo(tree, path);
      const { state } = await ensureModulesIndex(build, { cacheDir: join(temporaryDirectory(), "cache") });
      expect(["none", "made"]).toContain(state);
    },
  );

  test.each(["vmlinuz-6.1.0", "linux.deb", "linux.pkg.tar.zst", "NAME"])("%s", async (name) => {
    const cwd = temporaryDirectory();
    putFifo(cwd, name);
    expect((await rejection(resolveKernel(name, { cwd }))).code).toBe("KERNEL_UNREADABLE");
    expect((await rejection(resolveKernel(`./${name}`, { cwd }))).code).toBe("KERNEL_UNREADABLE");
  });

  test.each([
    ["boot/vmlinuz-6.1.0", "KERNEL_NOT_FOUND"],
    ["boot/config-6.1.0", "made"],
    ["lib/modules/6.1.0/modules.dep", "none"],
  ])("%s of a root", async (path, end) => {
    const root = temporaryDirectory();
    put(root, "boot/vmlinuz-6.1.0", bzImage("6.1.0"));
    put(root, "boot/config-6.1.0", "CONFIG_X86_64=y\nCONFIG_64BIT=y\nCONFIG_MODULES=y\n");
    put(root, "lib/modules/6.1.0/modules.dep", "");
    putFifo(root, path);
    expect(await endOf(root)).toBe(end);
  });

  test("a device", async () => {
    expect((await rejection(resolveKernel("/dev/zero", { cwd: "/" }))).code).toBe("KERNEL_UNREADABLE");
  });
});

describe("a Makefile is a program, which", () => {
  test("is run for the name of an image that stands at no usual place", async () => {
    const { tree, ran } = ownImage();
    expect((await resolveKernel(tree, { cwd: "/" })).image).toContain("own.img");
    expect(existsSync(ran)).toBe(true);
  });

  test("a Makefile that the caller does not let run", async () => {
    const { tree, ran } = ownImage();
    const asked: string[] = [];
    const mayMake = (directory: string): boolean => asked.push(directory) === 0;
    expect(await rejection(resolveKernel(tree, { cwd: "/", mayMake }))).toMatchObject({
      code: "KERNEL_NOT_BUILT",
      hint: expect.stringContaining("name the image itself"),
    });
    expect(asked).toContain(tree);
    expect(existsSync(ran)).toBe(false);
  });

  test("is not run by a dry run", async () => {
    const { tree, ran } = ownImage();
    const error = await rejection(resolveKernel(tree, { cwd: "/", prepare: "never" }));
    expect(error.code).toBe("KERNEL_NOT_PREPARED");
    expect(existsSync(ran)).toBe(false);
  });

  test.each<[what: string, change: (tree: string) => void]>([
    ["another user owns it", (tree) => chownSync(tree, 4711, 4711)],
    ["another user owns its Makefile", (tree) => chownSync(join(tree, "Makefile"), 4711, 4711)],
    ["others can put a file into it", (tree) => chmodSync(tree, 0o777)],
    ["others can write its Makefile", (tree) => chmodSync(join(tree, "Makefile"), 0o646)],
    [
      "a group that is not ours can write its Makefile",
      (tree) => {
        chownSync(join(tree, "Makefile"), 0, 4711);
        chmodSync(join(tree, "Makefile"), 0o664);
      },
    ],
    [
      "the source that it was made from is another user's",
      (tree) => {
        const source = temporaryDirectory();
        symlinkSync(source, join(tree, "source"));
        chownSync(source, 4711, 4711);
      },
    ],
  ])("is not run in a tree where %s", async (_what, change) => {
    const { tree, ran } = ownImage();
    change(tree);
    expect(await rejection(resolveKernel(tree, { cwd: "/" }))).toMatchObject({
      code: "KERNEL_NOT_BUILT",
      hint: expect.stringContaining("another user"),
    });
    expect(existsSync(ran)).toBe(false);
  });
});

describe("what unpacks to more than any kernel is refused, with the limit in the words", () => {
  // 600 MiB of nothing, in 600 KiB.
  const bomb = gzipSync(Buffer.alloc(600 << 20), { level: 1 });

  test("in an Image.gz", async () => {
    const cwd = temporaryDirectory();
    put(cwd, "Image.gz", bomb);
    expect((await rejection(resolveKernel("./Image.gz", { cwd }))).message).toContain("larger than 512 MiB");
  });

  test("as the payload of an image", async () => {
    const image = Buffer.concat([arm64Image("x").subarray(0, 0x400), bomb]);
    expect(failure(() => readImage(image))).toMatchObject({
      code: "IMAGE_TOO_LARGE",
      message: expect.stringContaining("512 MiB"),
    });
    const cwd = temporaryDirectory();
    put(cwd, "vmlinuz-6.1.0", image);
    expect((await rejection(resolveKernel("./vmlinuz-6.1.0", { cwd }))).code).toBe("IMAGE_TOO_LARGE");
  });

  test("by a program", () => {
    const packed = execFileSync("zstd", ["-q", "-1", "-c"], { input: Buffer.alloc(600 << 20) });
    expect(failure(() => readImage(Buffer.concat([Buffer.alloc(0x400), packed]))).code).toBe(
      "IMAGE_TOO_LARGE",
    );
  });

  test("and an image that is itself as large is not read at all", async () => {
    const cwd = temporaryDirectory();
    put(cwd, "Image", arm64Image("6.1.0"));
    truncateSync(join(cwd, "Image"), 2 ** 40);
    expect((await rejection(resolveKernel("./Image", { cwd }))).message).toContain("at most 512 MiB");
  });

  test("nor a .config of a terabyte", async () => {
    const tree = makeTree(temporaryDirectory());
    truncateSync(join(tree, ".config"), 2 ** 40);
    expect((await rejection(resolveKernel(tree, { cwd: "/" }))).code).toBe("KERNEL_UNREADABLE");
  });
});

test("a package with a file that no kernel has is not unpacked, and nothing of it is left", async () => {
  const cwd = temporaryDirectory();
  put(cwd, "in/boot/vmlinuz-6.1.0", bzImage("6.1.0"));
  put(cwd, "in/hole", "");
  truncateSync(join(cwd, "in/hole"), 5 * 2 ** 30);
  execFileSync("bsdtar", ["--zstd", "-cf", join(cwd, "linux.pkg.tar.zst"), "-C", join(cwd, "in"), "."]);
  const lookup = { cwd, cacheDir: join(cwd, "cache") };
  expect(await rejection(resolveKernel("./linux.pkg.tar.zst", lookup))).toMatchObject({
    code: "PACKAGE_TOO_LARGE",
    message: expect.stringContaining("larger than 4 GiB"),
  });
  expect(readdirSync(join(cwd, "cache/kernels"))).toEqual([]);
});

test("a cache of another user is refused for what it holds, and nothing is put there", async () => {
  const cwd = temporaryDirectory();
  const cacheDir = join(cwd, "cache");
  mkdirSync(cacheDir);
  chownSync(cacheDir, 4711, 4711);
  put(cwd, "linux.deb", "!<arch>\n");
  const lookup = { cwd, cacheDir };
  expect((await rejection(resolveKernel("./linux.deb", lookup))).code).toBe("CACHE_UNTRUSTED");
  const build = await resolveKernel(makeTree(join(cwd, "linux")), lookup);
  expect((await rejection(ensureModulesIndex(build, { cacheDir }))).code).toBe("CACHE_UNTRUSTED");
});
