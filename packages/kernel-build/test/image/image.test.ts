import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { checkBuild, ensureModulesIndex, resolveKernel } from "../../src/index.js";
import { rejection } from "../failure.js";
import { arm64Image, elfImage, riscvImage, zbootImage } from "../made-up-image.js";
import { bzImage, makeTree, put, temporaryDirectory, x86Config } from "../made-up-tree.js";

const release = "6.12.5-rc1+";

describe("a bare image", () => {
  test.each([
    ["bzImage", bzImage(release), "i386"],
    ["vmlinux", elfImage(release), "x86_64"],
    ["vmlinux of s390", elfImage(release, { machine: 22, endian: "big" }), "s390x"],
    ["vmlinux of ppc64", elfImage(release, { machine: 21, endian: "big" }), "ppc64"],
    ["vmlinux of ppc64le", elfImage(release, { machine: 21 }), "ppc64le"],
    ["vmlinux of riscv32", elfImage(release, { machine: 243, bits: 32 }), "riscv32"],
    ["Image of arm64", arm64Image(release), "aarch64"],
    ["Image of riscv64", riscvImage(release), "riscv64"],
    ["Image.gz", gzipSync(arm64Image(release)), "aarch64"],
  ])("%s says its release and architecture, whatever its name is", async (_, content, arch) => {
    const cwd = temporaryDirectory();
    put(cwd, "kernel", content);
    expect(await resolveKernel("kernel", { cwd })).toEqual({
      kind: "image",
      image: join(cwd, "kernel"),
      release,
      arch,
      modules: "absent",
      options: {},
      warnings: [],
    });
  });

  test("EFI zboot is unpacked into the cache, since QEMU does not do it", async () => {
    const cwd = temporaryDirectory();
    const cacheDir = join(cwd, "cache");
    put(cwd, "vmlinuz.efi", zbootImage(release));
    const build = await resolveKernel("vmlinuz.efi", { cwd, cacheDir });
    expect(build).toMatchObject({ kind: "image", release, arch: "aarch64" });
    expect(build.image.startsWith(cacheDir)).toBe(true);
    expect(readFileSync(build.image)).toEqual(arm64Image(release));
    expect((await rejection(resolveKernel("vmlinuz.efi", { cwd }))).code).toBe("KERNEL_NOT_PREPARED");
  });

  test("without a configuration nothing is said to be missing; with config-RELEASE beside it, it is", async () => {
    const cwd = temporaryDirectory();
    put(cwd, "kernel", bzImage(release));
    expect(checkBuild(await resolveKernel("kernel", { cwd }), ["modules", "embedded"])).toEqual([]);
    put(cwd, `config-${release}`, x86Config);
    const build = await resolveKernel("kernel", { cwd });
    expect(build.arch).toBe("i386");
    expect(checkBuild(build, ["embedded"]).map(({ option }) => option)).toContain("CONFIG_OVERLAY_FS");
  });

  test("vmlinux of x86 that QEMU would refuse is refused with the reason", async () => {
    const cwd = temporaryDirectory();
    put(cwd, "vmlinux", elfImage(release, { pvh: "n" }));
    expect(await rejection(resolveKernel("vmlinux", { cwd }))).toMatchObject({ code: "IMAGE_NOT_BOOTABLE" });
    expect((await rejection(resolveKernel("vmlinux", { cwd }))).message).toContain("CONFIG_PVH");
  });

  test("has no modules, which is no error", async () => {
    const cwd = temporaryDirectory();
    put(cwd, "kernel", bzImage(release));
    const index = await ensureModulesIndex(await resolveKernel("kernel", { cwd }), {
      cacheDir: join(cwd, "cache"),
    });
    expect(index).toMatchObject({ state: "none", problem: { code: "NO_MODULES" } });
  });

  test("that says no release has it in its name, or is refused", async () => {
    const cwd = temporaryDirectory();
    put(cwd, `vmlinuz-${release}`, bzImage(null).fill("HdrS", 0x202, 0x206));
    expect((await resolveKernel(`vmlinuz-${release}`, { cwd })).release).toBe(release);
    put(cwd, "nameless", bzImage(null).fill("HdrS", 0x202, 0x206));
    expect((await rejection(resolveKernel("nameless", { cwd }))).code).toBe("KERNEL_RELEASE_UNKNOWN");
  });

  test("of an architecture that nobody knows, an empty file and one cut off are refused", async () => {
    const cwd = temporaryDirectory();
    put(cwd, "alien", elfImage(release, { machine: 9999 }));
    expect((await rejection(resolveKernel("alien", { cwd }))).code).toBe("KERNEL_ARCH_UNKNOWN");
    put(cwd, "empty", "");
    expect((await rejection(resolveKernel("empty", { cwd }))).code).toBe("KERNEL_IS_A_FILE");
    put(cwd, "short.gz", gzipSync(arm64Image(release)).subarray(0, 40));
    expect((await rejection(resolveKernel("short.gz", { cwd }))).code).toBe("KERNEL_IS_A_FILE");
    put(cwd, "short.efi", zbootImage(release).subarray(0, 0x420));
    expect((await rejection(resolveKernel("short.efi", { cwd, cacheDir: join(cwd, "cache") }))).code).toBe(
      "KERNEL_RELEASE_UNKNOWN",
    );
  });
});

describe("an image in a build tree", () => {
  test("brings the tree's modules and configuration along", async () => {
    const tree = makeTree(temporaryDirectory(), { release });
    writeFileSync(join(tree, "vmlinux"), elfImage(release));
    expect(await resolveKernel("vmlinux", { cwd: tree })).toMatchObject({
      kind: "build-tree",
      tree,
      image: join(tree, "vmlinux"),
      modules: "built",
    });
  });

  test("of an earlier build boots without modules, and says so", async () => {
    const tree = makeTree(temporaryDirectory(), { release: "6.13.0", imageRelease: release });
    const build = await resolveKernel("arch/x86/boot/bzImage", { cwd: tree });
    expect(build).toMatchObject({ kind: "image", release, modules: "absent" });
    expect(build.warnings.map(({ code }) => code)).toEqual(["IMAGE_OF_OTHER_RELEASE"]);
  });
});
