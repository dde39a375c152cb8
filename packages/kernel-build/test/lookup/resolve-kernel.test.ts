import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { resolveKernel } from "../../src/index.js";
import { rejection } from "../failure.js";
import { elfImage } from "../made-up-image.js";
import { makeTree, put, setAge, temporaryDirectory, x86Config } from "../made-up-tree.js";

async function codes(tree: string): Promise<string[]> {
  return (await resolveKernel(tree, { cwd: "/" })).warnings.map(({ code }) => code);
}

describe("a finished build tree", () => {
  test("says its image, release, architecture and modules", async () => {
    const cwd = temporaryDirectory();
    const tree = makeTree(join(cwd, "linux"), { release: "6.1.0-rc3+" });
    expect(await resolveKernel("./linux", { cwd })).toMatchObject({
      kind: "build-tree",
      tree,
      image: join(tree, "arch/x86/boot/bzImage"),
      release: "6.1.0-rc3+",
      arch: "x86_64",
      modules: "built",
      configFile: join(tree, ".config"),
      options: { CONFIG_NET_9P: "y" },
      warnings: [],
    });
  });

  test.each([
    ["CONFIG_X86_32=y\n", "arch/x86/boot/bzImage", "i386"],
    ["CONFIG_64BIT=y\nCONFIG_ARM64=y\n", "arch/arm64/boot/Image", "aarch64"],
    ["CONFIG_64BIT=y\nCONFIG_ARM64=y\nCONFIG_EFI_ZBOOT=y\n", "arch/arm64/boot/vmlinuz.efi", "aarch64"],
    ["CONFIG_ARM=y\n", "arch/arm/boot/zImage", "arm"],
    ["CONFIG_64BIT=y\nCONFIG_RISCV=y\n", "arch/riscv/boot/Image", "riscv64"],
    ["CONFIG_RISCV=y\n", "arch/riscv/boot/Image.gz", "riscv32"],
    ["CONFIG_64BIT=y\nCONFIG_S390=y\n", "arch/s390/boot/bzImage", "s390x"],
    ["CONFIG_PPC=y\nCONFIG_PPC64=y\nCONFIG_64BIT=y\n", "vmlinux", "ppc64"],
    ["CONFIG_PPC=y\nCONFIG_PPC64=y\nCONFIG_64BIT=y\nCONFIG_CPU_LITTLE_ENDIAN=y\n", "vmlinux", "ppc64le"],
    ["CONFIG_LOONGARCH=y\nCONFIG_64BIT=y\n", "arch/loongarch/boot/vmlinuz.efi", "loongarch64"],
    ["CONFIG_MIPS=y\nCONFIG_64BIT=y\nCONFIG_CPU_LITTLE_ENDIAN=y\n", "vmlinux", "mips64el"],
  ])("with %j boots %s on %s", async (config, image, arch) => {
    const header = arch === "i386" ? {} : { imageRelease: null };
    const tree = makeTree(temporaryDirectory(), { config, image, ...header });
    expect(await resolveKernel(tree, { cwd: "/" })).toMatchObject({
      arch,
      image: join(tree, image),
      modules: "unsupported",
    });
  });

  test("is asked through its make only where no file of the table is there", async () => {
    const tree = makeTree(temporaryDirectory(), { image: "arch/x86/boot/own.img" });
    writeFileSync(join(tree, "Makefile"), "image_name:\n\t@cat; echo arch/$(ARCH:x86_64=x86)/boot/own.img\n");
    expect((await resolveKernel(tree, { cwd: "/" })).image).toBe(join(tree, "arch/x86/boot/own.img"));
  });
});

describe("what -k may name", () => {
  test("a name is a path when it exists here, else it is looked up in the builds directories, in order", async () => {
    const cwd = temporaryDirectory();
    makeTree(join(cwd, "first/bisect"));
    makeTree(join(cwd, "second/bisect"));
    makeTree(join(cwd, "second/net-next"));
    const builds = ["first", join(cwd, "second")];
    expect((await resolveKernel("bisect", { cwd, builds })).tree).toBe(join(cwd, "first/bisect"));
    expect((await resolveKernel("net-next", { cwd, builds })).tree).toBe(join(cwd, "second/net-next"));
    makeTree(join(cwd, "bisect"));
    expect((await resolveKernel("bisect", { cwd, builds })).tree).toBe(join(cwd, "bisect"));
    expect((await rejection(resolveKernel("./net-next", { cwd, builds }))).code).toBe("KERNEL_NOT_FOUND");
  });

  test("a symbolic link to a tree keeps its name", async () => {
    const cwd = temporaryDirectory();
    makeTree(join(cwd, "build-6.1"));
    symlinkSync("build-6.1", join(cwd, "latest"));
    expect((await resolveKernel("latest", { cwd })).tree).toBe(join(cwd, "latest"));
  });

  test("a name that is nearly one of the builds gets a suggestion", async () => {
    const cwd = temporaryDirectory();
    makeTree(join(cwd, "builds/net-next"));
    const error = await rejection(resolveKernel("net-nxet", { cwd, builds: ["builds"] }));
    expect(error).toMatchObject({ code: "KERNEL_NOT_FOUND", hint: "Did you mean net-next?" });
    expect(error.message).toContain(join(cwd, "builds"));
  });

  test("nothing, and a path to nothing, are told apart from a name", async () => {
    expect((await rejection(resolveKernel("", { cwd: "/" }))).code).toBe("KERNEL_NOT_FOUND");
    expect((await rejection(resolveKernel("/no/such", { cwd: "/" }))).message).toContain(
      "there is no such directory or file",
    );
    expect((await rejection(resolveKernel("/etc/passwd/x", { cwd: "/" }))).code).toBe("KERNEL_NOT_FOUND");
  });

  test("a file that is no kernel is refused with the tree that it stands in", async () => {
    const tree = makeTree(temporaryDirectory());
    const error = await rejection(resolveKernel("modules.builtin", { cwd: tree }));
    expect(error.code).toBe("KERNEL_IS_A_FILE");
    expect(error.hint).toContain(tree);
  });

  test("a directory that is no build is refused, below one with its name", async () => {
    const tree = makeTree(temporaryDirectory());
    expect((await rejection(resolveKernel(temporaryDirectory(), { cwd: "/" }))).code).toBe(
      "NOT_A_KERNEL_BUILD",
    );
    expect((await rejection(resolveKernel("arch/x86", { cwd: tree }))).hint).toContain(tree);
  });

  test("user-mode Linux is refused: it has no machine", async () => {
    const tree = makeTree(temporaryDirectory(), { config: "CONFIG_UML=y\nCONFIG_X86_64=y\n" });
    expect(await rejection(resolveKernel(tree, { cwd: "/" }))).toMatchObject({ code: "KERNEL_ARCH_UNKNOWN" });
  });
});

describe("an unfinished build", () => {
  test("never configured, never built and interrupted are three different errors", async () => {
    const tree = temporaryDirectory();
    put(tree, "Kbuild", "");
    put(tree, "Kconfig", "");
    expect(await rejection(resolveKernel(tree, { cwd: "/" }))).toMatchObject({
      code: "KERNEL_NOT_CONFIGURED",
    });
    put(tree, ".config", x86Config);
    expect((await rejection(resolveKernel(tree, { cwd: "/" }))).message).toContain(
      "was configured but never built",
    );
    put(tree, "include/config/auto.conf", "");
    const error = await rejection(resolveKernel(tree, { cwd: "/" }));
    expect(error).toMatchObject({ code: "KERNEL_NOT_BUILT", hint: `Run \`make -C ${tree} -j$(nproc)\`.` });
    expect(error.message).toContain("there is no arch/x86/boot/bzImage");
  });

  test.each([
    ["", "is empty"],
    ["x".repeat(600), "has no header of a bzImage"],
    ["short", "has no header of a bzImage"],
  ])(
    "with an image of %j, as a full disk or a crash leaves it, is refused: it %s",
    async (content, words) => {
      const tree = makeTree(temporaryDirectory());
      put(tree, "arch/x86/boot/bzImage", content);
      expect(await rejection(resolveKernel(tree, { cwd: "/" }))).toMatchObject({
        code: "KERNEL_NOT_BUILT",
        message: expect.stringContaining(`${tree}/arch/x86/boot/bzImage ${words}: the last build`),
        hint: expect.stringContaining("Remove it first."),
      });
    },
  );

  test("for another architecture tells how to build for it", async () => {
    const tree = makeTree(temporaryDirectory(), { config: "CONFIG_RISCV=y\nCONFIG_64BIT=y\n", image: null });
    expect((await rejection(resolveKernel(tree, { cwd: "/" }))).hint).toContain("ARCH=riscv CROSS_COMPILE=");
  });

  test("is booted with a warning when .config or vmlinux is newer than the image", async () => {
    const tree = makeTree(temporaryDirectory());
    setAge(join(tree, ".config"), 1);
    expect(await codes(tree)).toEqual(["IMAGE_OLDER_THAN_CONFIG"]);
    setAge(join(tree, ".config"), 600);
    setAge(join(tree, "include/config/auto.conf"), 1);
    expect(await codes(tree)).toEqual(["IMAGE_OLDER_THAN_CONFIG"]);
    setAge(join(tree, "include/config/auto.conf"), 590);
    setAge(join(tree, "vmlinux"), 1);
    expect(await codes(tree)).toEqual(["IMAGE_OLDER_THAN_VMLINUX"]);
  });

  test("is booted with a warning when the image is of another release than the tree", async () => {
    const tree = makeTree(temporaryDirectory(), { release: "6.1.0-dirty", imageRelease: "6.1.0" });
    expect(await codes(tree)).toEqual(["IMAGE_OF_OTHER_RELEASE"]);
  });

  test("takes the release from the image when the tree does not say it", async () => {
    const tree = makeTree(temporaryDirectory(), { imageRelease: "6.5.0-test" });
    rmSync(join(tree, "include/config/kernel.release"));
    expect((await resolveKernel(tree, { cwd: "/" })).release).toBe("6.5.0-test");
  });

  test("says that its modules are not built, which `make x.ko` brings about too", async () => {
    const tree = makeTree(temporaryDirectory(), { modulesOrder: null });
    expect((await resolveKernel(tree, { cwd: "/" })).modules).toBe("not-built");
    expect(await codes(tree)).toEqual(["MODULES_NOT_BUILT"]);
  });

  test("with a directory in place of a file does not confuse anyone", async () => {
    const tree = makeTree(temporaryDirectory(), { image: null });
    mkdirSync(join(tree, "arch/x86/boot/bzImage"), { recursive: true });
    expect((await rejection(resolveKernel(tree, { cwd: "/" }))).code).toBe("KERNEL_NOT_BUILT");
  });
});

test("what is neither a file nor a directory is refused, not opened: a FIFO would wait for ever", async () => {
  const cwd = temporaryDirectory();
  spawnSync("mkfifo", [join(cwd, "fifo")]);
  for (const what of ["fifo", "/dev/null"]) {
    expect(await rejection(resolveKernel(what, { cwd }))).toMatchObject({ code: "KERNEL_UNREADABLE" });
  }
});

describe("an ELF file that is no kernel", () => {
  test("is called a program, wherever it stands", async () => {
    const cwd = temporaryDirectory();
    makeTree(join(cwd, "linux"));
    for (const place of ["prog", "linux/tools/prog"]) {
      put(cwd, place, elfImage("6.1.0").subarray(0, 0x1000));
      expect(await rejection(resolveKernel(`./${place}`, { cwd }))).toMatchObject({
        code: "KERNEL_IS_A_FILE",
        message: expect.stringContaining("a program (ELF), and no kernel"),
        hint: expect.stringContaining("--exec"),
      });
    }
  });

  test("but a module of one, is called that", async () => {
    const cwd = temporaryDirectory();
    put(cwd, "dummy.ko", elfImage("6.1.0").subarray(0, 0x1000));
    expect((await rejection(resolveKernel("./dummy.ko", { cwd }))).message).toContain("a module of a kernel");
  });

  test("in the tree that built them a vmlinux is taken all the same", async () => {
    const cwd = temporaryDirectory();
    const tree = makeTree(join(cwd, "linux"));
    put(tree, "vmlinux", elfImage("6.1.0"));
    expect(await resolveKernel("./linux/vmlinux", { cwd })).toMatchObject({ kind: "build-tree", tree });
  });
});

/** A source, and what `make` left of it in another directory. */
function sourceAndOutput(): { readonly source: string; readonly output: string } {
  const cwd = temporaryDirectory();
  for (const name of ["Kbuild", "Kconfig"]) put(join(cwd, "linux"), name, "");
  const output = makeTree(join(cwd, "out"));
  symlinkSync(join(cwd, "linux"), join(output, "source"));
  return { source: join(cwd, "linux"), output };
}

test("a program in the place of a kernel is told as one, with what runs it", async () => {
  const cwd = temporaryDirectory();
  copyFileSync("/bin/true", join(cwd, "a-program"));
  expect(await rejection(resolveKernel("./a-program", { cwd }))).toMatchObject({
    message: expect.stringContaining('is a program (ELF), and no kernel: there is no "Linux version" in it'),
    hint: expect.stringContaining(`--exec ${join(cwd, "a-program")}`),
  });
  put(cwd, "script", "#!/bin/sh\n");
  expect((await rejection(resolveKernel("./script", { cwd }))).message).toContain(
    "script is a file, and neither a kernel image nor a package of one",
  );
});

describe("a source tree with KBUILD_OUTPUT", () => {
  test.each(["../out", "absolute"])("is the tree that make writes to (%s)", async (said) => {
    const { source, output } = sourceAndOutput();
    const kbuildOutput = said === "absolute" ? output : said;
    expect((await resolveKernel(".", { cwd: source, kbuildOutput })).tree).toBe(output);
    // Named itself, it is what it is.
    expect((await resolveKernel(output, { cwd: "/", kbuildOutput: "elsewhere" })).tree).toBe(output);
  });

  test("is itself where that holds another one's build, and an error names the variable where it is not built", async () => {
    const { source, output } = sourceAndOutput();
    rmSync(join(output, "source"));
    symlinkSync("/", join(output, "source"));
    const error = await rejection(resolveKernel(source, { cwd: "/", kbuildOutput: output }));
    expect(error).toMatchObject({
      code: "KERNEL_NOT_CONFIGURED",
      hint: expect.stringContaining("KBUILD_OUTPUT"),
    });
    makeTree(source);
    expect((await resolveKernel(source, { cwd: "/", kbuildOutput: output })).tree).toBe(source);
  });
});
