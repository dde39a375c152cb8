import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { release as hostRelease } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ModulesIndex } from "../../src/index.js";
import { checkModulesIndex, ensureModulesIndex, modulesReport, resolveKernel } from "../../src/index.js";
import { rejection } from "../failure.js";
import { arm64Image } from "../made-up-image.js";
import {
  bzImage,
  compiledModules,
  install,
  makeTree,
  put,
  temporaryDirectory,
  x86Config,
} from "../made-up-tree.js";

const objects = compiledModules();

const release = "6.12.5-arch1-1";

interface MadeUpRoot {
  readonly release?: string;
  readonly lib?: "lib" | "usr/lib";
  readonly image?: string;
  readonly config?: string | null;
}

/** A root as Debian's packages have it, or with `lib` and `image` as Arch's and Fedora's. No depmod has run. */
function makeRoot(root: string, made: MadeUpRoot = {}): string {
  const { release: name = release, lib = "lib" } = made;
  const { image = `boot/vmlinuz-${name}`, config = `boot/config-${name}` } = made;
  put(root, image, bzImage(name));
  if (config !== null) put(root, config, x86Config);
  const modules = join(root, lib, "modules", name);
  install(modules, "kernel/fs/core.ko", objects.core);
  install(modules, "kernel/drivers/user.ko", objects.user);
  put(modules, "modules.order", "kernel/fs/core.ko\nkernel/drivers/user.ko\n");
  put(modules, "modules.builtin", "kernel/fs/ext4/ext4.ko\n");
  symlinkSync("/usr/src/linux-headers", join(modules, "build"));
  return root;
}

async function ready(what: string, cacheDir: string, depmod?: string): Promise<ModulesIndex> {
  const build = await resolveKernel(what, { cwd: "/", cacheDir });
  const index = await ensureModulesIndex(build, { cacheDir, ...(depmod === undefined ? {} : { depmod }) });
  if (index.state === "none") throw new Error(index.problem.message);
  return index;
}

describe("an unpacked root", () => {
  test.each([
    ["as Debian has it", {}],
    ["as Arch has it", { lib: "usr/lib", image: `usr/lib/modules/${release}/vmlinuz`, config: null }],
    [
      "as Fedora has it",
      { image: `lib/modules/${release}/vmlinuz`, config: `lib/modules/${release}/config` },
    ],
    ["as make tar-pkg has it", { image: `boot/vmlinuz-${release}` }],
  ] as const)("%s", async (_, made) => {
    const root = makeRoot(temporaryDirectory(), made);
    const { lib, image } = { lib: "lib", image: `boot/vmlinuz-${release}`, ...made };
    expect(await resolveKernel(root, { cwd: "/" })).toMatchObject({
      kind: "unpacked",
      root,
      image: join(root, image),
      release,
      tree: join(root, lib, "modules", release),
      modules: "built",
      warnings: [],
    });
  });

  test("is found by its image and by its directory of modules too", async () => {
    const root = makeRoot(temporaryDirectory());
    const expected = await resolveKernel(root, { cwd: "/" });
    expect(await resolveKernel(join(root, "boot", `vmlinuz-${release}`), { cwd: "/" })).toEqual(expected);
    expect(await resolveKernel(`lib/modules/${release}`, { cwd: root })).toEqual(expected);
    symlinkSync(`vmlinuz-${release}`, join(root, "boot/vmlinuz"));
    expect(await resolveKernel(join(root, "boot/vmlinuz"), { cwd: "/" })).toMatchObject({
      kind: "unpacked",
      release,
    });
  });

  test("with several kernels gives the newest with an image, and says which it did not take", async () => {
    const root = temporaryDirectory();
    for (const name of ["6.9.12-1", "6.12.0-rc7", "6.12.0"]) makeRoot(root, { release: name });
    put(root, "lib/modules/6.13.0/modules.order", "");
    const build = await resolveKernel(root, { cwd: "/" });
    expect(build.release).toBe("6.12.0");
    expect(build.warnings).toMatchObject([{ code: "KERNEL_NAME_AMBIGUOUS" }]);
    expect(build.warnings[0]?.message).toContain("not 6.13.0 or 6.12.0-rc7 or 6.9.12-1");
    expect(await resolveKernel("lib/modules/6.9.12-1", { cwd: root })).toMatchObject({
      release: "6.9.12-1",
      warnings: [],
    });
  });

  test("of INSTALL_MOD_PATH with an image that was copied by hand", async () => {
    const root = makeRoot(temporaryDirectory(), { image: "boot/bzImage" });
    expect(await resolveKernel(root, { cwd: "/" })).toMatchObject({
      image: join(root, "boot/bzImage"),
      release,
    });
    rmSync(join(root, "boot/bzImage"));
    expect(await rejection(resolveKernel(root, { cwd: "/" }))).toMatchObject({ code: "KERNEL_NOT_FOUND" });
  });

  test("with a file that cannot be read is an error with its path", async () => {
    const root = makeRoot(temporaryDirectory(), { config: null });
    const image = join(root, "boot", `vmlinuz-${release}`);
    rmSync(image);
    symlinkSync(`vmlinuz-${release}`, image);
    const error = await rejection(resolveKernel(root, { cwd: "/" }));
    expect(error.code).toBe("KERNEL_UNREADABLE");
    expect(error.message).toContain(image);
  });

  test("a build tree that modules were installed into stays a build tree", async () => {
    const tree = makeRoot(makeTree(join(temporaryDirectory(), "linux")));
    expect(await resolveKernel(tree, { cwd: "/" })).toMatchObject({ kind: "build-tree", release: "6.1.0" });
  });

  test("with no configuration is taken for what its image is", async () => {
    const root = makeRoot(temporaryDirectory(), { config: null });
    put(root, `boot/vmlinuz-${release}`, arm64Image(release));
    expect(await resolveKernel(root, { cwd: "/" })).toMatchObject({
      arch: "aarch64",
      modules: "built",
      options: {},
    });
  });
});

describe("an installed release", () => {
  test("is found by its name, and `host` is the one that runs", async () => {
    const hostRoot = makeRoot(temporaryDirectory());
    makeRoot(hostRoot, {
      release: hostRelease(),
      lib: "usr/lib",
      image: `usr/lib/modules/${hostRelease()}/vmlinuz`,
    });
    const lookup = { cwd: "/", hostRoot };
    expect(await resolveKernel(release, lookup)).toMatchObject({
      kind: "installed",
      root: hostRoot,
      release,
    });
    expect(await resolveKernel("host", lookup)).toMatchObject({ kind: "installed", release: hostRelease() });
    expect((await rejection(resolveKernel("6.12.5-arch1-2", lookup))).hint).toBe(`Did you mean ${release}?`);
    expect((await resolveKernel(join(hostRoot, "lib/modules", release), lookup)).kind).toBe("installed");
  });

  test("comes after a path and the builds directories, and that is said", async () => {
    const hostRoot = makeRoot(temporaryDirectory());
    const cwd = temporaryDirectory();
    makeTree(join(cwd, "builds", release));
    const lookup = { cwd, builds: ["builds"], hostRoot };
    const built = await resolveKernel(release, lookup);
    expect(built).toMatchObject({ kind: "build-tree", tree: join(cwd, "builds", release) });
    expect(built.warnings).toMatchObject([{ code: "KERNEL_NAME_AMBIGUOUS" }]);
    makeTree(join(cwd, release));
    const here = await resolveKernel(release, lookup);
    expect(here).toMatchObject({ tree: join(cwd, release) });
    expect(here.warnings[0]?.message).toContain(`not as ${join(cwd, "builds", release)}`);
    expect((await resolveKernel(`./${release}`, lookup)).warnings).toEqual([]);
  });

  test("that does not run from a file says so", async () => {
    const lookup = { cwd: "/", hostRoot: temporaryDirectory() };
    expect((await rejection(resolveKernel("host", lookup))).message).toContain("is not installed");
  });
});

function packed(
  name: string,
  pack: (root: string, file: string) => void,
): { file: string; cacheDir: string } {
  const directory = temporaryDirectory();
  const root = makeRoot(join(directory, "root"), {
    lib: "usr/lib",
    image: `usr/lib/modules/${release}/vmlinuz`,
  });
  const file = join(directory, name);
  pack(root, file);
  return { file, cacheDir: join(directory, "cache") };
}
const tar = (root: string, file: string): void => {
  execFileSync("bsdtar", ["-caf", file, "-C", root, "usr", "boot"]);
};

describe("a package", () => {
  test.each(["linux-6.12.5-1-x86_64.pkg.tar.zst", "linux-6.12.5-x86.tar.gz"])(
    "%s is unpacked once",
    async (name) => {
      const { file, cacheDir } = packed(name, tar);
      const told: string[] = [];
      const lookup = { cwd: "/", cacheDir, onWait: (message: string) => told.push(message) };
      const build = await resolveKernel(file, lookup);
      expect(build).toMatchObject({ kind: "unpacked", package: file, release, modules: "built" });
      expect(build.image.startsWith(cacheDir)).toBe(true);
      expect(await resolveKernel(file, lookup)).toEqual(build);
      expect(told).toEqual([`unpacking ${name}`]);
      expect((await ready(file, cacheDir)).count).toBe(2);
    },
  );

  test(".deb is an archive in an archive", async () => {
    const { file, cacheDir } = packed("linux-image.deb", (root, deb) => {
      mkdirSync(join(root, "DEBIAN"));
      put(
        root,
        "DEBIAN/control",
        "Package: linux-image\nVersion: 1\nArchitecture: all\nMaintainer: x <x@y>\nDescription: x\n",
      );
      execFileSync("dpkg-deb", ["--root-owner-group", "-b", root, deb], { stdio: "ignore" });
    });
    expect(await resolveKernel(file, { cwd: "/", cacheDir })).toMatchObject({
      kind: "unpacked",
      release,
      modules: "built",
    });
  });

  test(".rpm is an archive of cpio behind its headers", async () => {
    const { file, cacheDir } = packed("kernel-core.rpm", (root, rpm) => {
      const cpio = execFileSync("bsdtar", ["-czf", "-", "--format", "newc", "-C", root, "usr", "boot"]);
      // A lead, and two headers with nothing in them: LSB, Package File Format.
      const lead = Buffer.alloc(96);
      lead.writeUInt32BE(0xedabeedb);
      lead.writeUInt8(3, 4);
      const header = Buffer.alloc(16);
      header.writeUInt32BE(0x8eade801);
      writeFileSync(rpm, Buffer.concat([lead, header, header, cpio]));
    });
    const build = await resolveKernel(file, { cwd: "/", cacheDir });
    expect(build).toMatchObject({ kind: "unpacked", package: file, release, modules: "built" });
  });

  test("that was replaced is unpacked again; a dry run unpacks nothing", async () => {
    const { file, cacheDir } = packed("linux.tar", tar);
    const never = { cwd: "/", cacheDir, prepare: "never" } as const;
    expect((await rejection(resolveKernel(file, never))).code).toBe("KERNEL_NOT_PREPARED");
    expect(existsSync(cacheDir)).toBe(false);
    const first = await resolveKernel(file, { cwd: "/", cacheDir });
    expect(await resolveKernel(file, never)).toEqual(first);
    utimesSync(file, 1000, 1000);
    expect((await rejection(resolveKernel(file, never))).code).toBe("KERNEL_NOT_PREPARED");
    expect((await resolveKernel(file, { cwd: "/", cacheDir })).image).not.toBe(first.image);
  });

  test("that is cut off, holds no kernel, or has no unpacker here leaves nothing and says why", async () => {
    const { file, cacheDir } = packed("linux.tar.xz", tar);
    const lookup = { cwd: "/", cacheDir };
    writeFileSync(file, readFileSync(file).subarray(0, 300));
    expect((await rejection(resolveKernel(file, lookup))).code).toBe("PACKAGE_UNREADABLE");
    expect(readdirSync(join(cacheDir, "kernels"))).toEqual([]);
    const empty = packed("meta.tar", (root, tarball) => {
      execFileSync("bsdtar", ["-cf", tarball, "-C", join(root, "boot"), "."]);
    });
    expect((await rejection(resolveKernel(empty.file, { cwd: "/", ...empty }))).code).toBe(
      "PACKAGE_WITHOUT_KERNEL",
    );
    const path = process.env["PATH"];
    process.env["PATH"] = temporaryDirectory();
    try {
      utimesSync(empty.file, 1000, 1000);
      expect((await rejection(resolveKernel(empty.file, { cwd: "/", cacheDir: empty.cacheDir }))).code).toBe(
        "UNPACKER_MISSING",
      );
    } finally {
      process.env["PATH"] = path;
    }
  });

  test("unused ones are pruned when another one is unpacked", async () => {
    const old = packed("old.tar", tar);
    const { cacheDir } = old;
    await resolveKernel(old.file, { cwd: "/", cacheDir });
    const [name = ""] = readdirSync(join(cacheDir, "kernels"));
    utimesSync(join(cacheDir, "kernels", name, "source"), 1000, 1000);
    const other = packed("other.tar", tar);
    await resolveKernel(other.file, { cwd: "/", cacheDir });
    expect(readdirSync(join(cacheDir, "kernels"))).toHaveLength(1);
    expect(existsSync(join(cacheDir, "kernels", name))).toBe(false);
  });
});

describe("the index of installed modules", () => {
  test("is what depmod makes in place, at the paths where they are, updates before the kernel's own", async () => {
    const root = makeRoot(temporaryDirectory());
    const modules = join(root, "lib/modules", release);
    install(modules, "updates/dkms/user.ko", objects.user);
    install(modules, "kernel/drivers/device.ko", objects.device);
    const index = await ready(root, join(root, "cache"));
    expect(index).toMatchObject({ state: "made", release, count: 4 });
    const made = Object.fromEntries(
      readdirSync(index.directory)
        .filter((name) => name.startsWith("modules."))
        .map((name) => [name, readFileSync(join(index.directory, name)).toString("latin1")]),
    );
    expect(made["modules.dep"]).toContain("updates/dkms/user.ko: kernel/fs/core.ko\n");
    expect(readFileSync(join(index.directory, "layout"), "utf8")).toBe("installed\n");
    expect(readFileSync(join(index.directory, "release"), "utf8")).toBe(`${release}\n`);
    execFileSync("depmod", ["-b", root, release], { stdio: "ignore" });
    for (const [name, text] of Object.entries(made))
      expect([name, readFileSync(join(modules, name)).toString("latin1")]).toEqual([name, text]);
  });

  test("that came with them is taken, with no depmod", async () => {
    const root = makeRoot(temporaryDirectory());
    execFileSync("depmod", ["-b", root, release], { stdio: "ignore" });
    const index = await ready(root, join(root, "cache"), "/no/such/depmod");
    expect(index).toMatchObject({ state: "made", count: 2 });
    expect((await ready(root, join(root, "cache"), "/no/such/depmod")).state).toBe("fresh");
  });

  test("is stale when a module was installed, also into a directory that is new", async () => {
    const root = makeRoot(temporaryDirectory());
    const cacheDir = join(root, "cache");
    const modules = join(root, "lib/modules", release);
    await ready(root, cacheDir);
    expect((await ready(root, cacheDir)).state).toBe("fresh");
    install(modules, "extra/device.ko", objects.device);
    expect(checkModulesIndex(await resolveKernel(root, { cwd: "/" }), { cacheDir }).state).toBe("stale");
    expect(await ready(root, cacheDir)).toMatchObject({ state: "made", count: 3 });
  });

  test("is reported on like a build tree's; modules that are signed are no problem", async () => {
    const root = makeRoot(temporaryDirectory());
    put(root, `boot/config-${release}`, `${x86Config}CONFIG_MODULE_SIG_FORCE=y\n`);
    const tree = join(root, "lib/modules", release);
    const report = await modulesReport(await resolveKernel(root, { cwd: "/" }), {
      cacheDir: join(root, "cache"),
    });
    expect(report).toMatchObject({ tree, count: 2, state: "made", problems: [] });
  });

  test("is not there when depmod is not", async () => {
    const root = makeRoot(temporaryDirectory());
    const cacheDir = join(root, "cache");
    const found = await ensureModulesIndex(await resolveKernel(root, { cwd: "/" }), {
      cacheDir,
      depmod: "/no/such/depmod",
    });
    expect(found).toMatchObject({ state: "none", problem: { code: "DEPMOD_MISSING" } });
  });

  test("is made of a directory that nobody may write to", async () => {
    const root = makeRoot(temporaryDirectory());
    const modules = join(root, "lib/modules", release);
    chmodSync(modules, 0o555);
    const before = readdirSync(modules, { recursive: true, encoding: "utf8" });
    await ready(root, join(root, "cache"));
    expect(readdirSync(modules, { recursive: true, encoding: "utf8" })).toEqual(before);
    chmodSync(modules, 0o755);
  });
});
