import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { namesPackages, requireModules, resolveKernel, type KernelBuild } from "../../src/index.js";
import { failure, rejection } from "../failure.js";
import { makeDeb, makePacman, makeRpm } from "../made-up-packages.js";
import { bzImage, temporaryDirectory, x86Config } from "../made-up-tree.js";

/** Debian 14: an empty package over three others. */
const debian = "7.2.13+deb14-amd64";

function makeDebian(directory: string, { version = "7.2.13-1", release = debian, sums = true } = {}): void {
  const exactly = (name: string): string => `${name}-${release} (= ${version})`;
  const modules = `usr/lib/modules/${release}`;
  const deb = (name: string, depends: readonly string[], files: Record<string, string | Buffer>): string =>
    makeDeb(
      directory,
      {
        name: `${name}-${release}`,
        version,
        sums,
        fields: depends.length === 0 ? [] : [`Depends: ${depends.join(", ")}`],
      },
      files,
    );
  deb("linux-base", [], { [`${modules}/config`]: x86Config, [`${modules}/modules.order`]: "kernel/a.ko\n" });
  deb("linux-binary", [exactly("linux-base")], { [`${modules}/vmlinuz`]: bzImage(release) });
  deb("linux-modules", ["kmod", exactly("linux-base")], { [`${modules}/kernel/a.ko`]: "a" });
  deb(
    "linux-image",
    [
      "dracut | initramfs-tools (>= 0.120)",
      exactly("linux-base"),
      exactly("linux-binary"),
      exactly("linux-modules"),
    ],
    {
      "usr/share/doc/x": "x",
    },
  );
  const meta = {
    name: "linux-image-amd64",
    version,
    fields: [`Depends: linux-base-amd64 (= ${version}), linux-image-${release} (= ${version})`],
  };
  makeDeb(directory, meta, { "usr/share/doc/y": "y" });
}

function file(part: string): string {
  return `linux-${part}-${debian}_7.2.13-1_amd64.deb`;
}

interface Resolved {
  readonly build: KernelBuild;
  readonly told: readonly string[];
}

async function resolve(
  what: string,
  cwd: string,
  cacheDir = join(temporaryDirectory(), "cache"),
): Promise<Resolved> {
  const told: string[] = [];
  const build = await resolveKernel(what, { cwd, cacheDir, onNotice: (message) => told.push(message) });
  return { build, told };
}

function partsOf({ build }: Resolved): string[] {
  return "parts" in build ? (build.parts ?? []).map((path) => basename(path)) : [];
}

function problem(what: string, cwd: string): Promise<{ code: string; message: string; hint: string }> {
  return rejection(resolve(what, cwd));
}

describe("a kernel of Debian 14, in four packages beside each other,", () => {
  let directory: string;
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "kernel-build-"));
    makeDebian(directory);
    makeDeb(
      directory,
      { name: `linux-headers-${debian}`, version: "7.2.13-1" },
      { [`usr/src/linux-headers-${debian}/Makefile`]: "x" },
    );
    makeDeb(
      directory,
      { name: `linux-image-${debian}-dbg`, version: "7.2.13-1" },
      { [`usr/lib/debug/lib/modules/${debian}/kernel/a.ko`]: "x" },
    );
    makeDeb(directory, { name: "bash" }, { "usr/bin/bash": "x" });
  });

  test.each(["binary", "modules", "base", "image"])(
    "is found whole by linux-%s, and that is told",
    async (part) => {
      const found = await resolve(file(part), directory);
      expect(found.build).toMatchObject({
        kind: "unpacked",
        release: debian,
        modules: "built",
        warnings: [],
      });
      expect(found.build).toMatchObject({ package: join(directory, file(part)) });
      const others = ["base", "binary", "modules"].filter((other) => other !== part).map(file);
      expect(partsOf(found)[0]).toBe(file(part));
      expect(partsOf(found).slice(1).toSorted()).toEqual(others);
      expect(found.told).toHaveLength(1);
      for (const other of others) expect(found.told[0]).toContain(other);
    },
  );

  test("is found by the package that only leads to it, by the directory, and by all of its parts with + between", async () => {
    const meta = await resolve("linux-image-amd64_7.2.13-1_amd64.deb", directory);
    expect(meta.build).toMatchObject({ release: debian, modules: "built" });
    expect(partsOf(meta)).toHaveLength(5);
    const all = await resolve(".", directory);
    expect(all.build).toMatchObject({ release: debian, modules: "built", warnings: [] });
    expect(partsOf(all).toSorted()).toEqual(["base", "binary", "modules"].map(file));
    const joined = await resolve(["binary", "modules", "base"].map(file).join("+"), directory);
    expect(joined.build).toMatchObject({ release: debian, modules: "built" });
    expect(joined.told).toEqual([]);
  });

  test("is unpacked once, whatever part of it is named", async () => {
    const cache = join(temporaryDirectory(), "cache");
    const images: string[] = [];
    for (const what of [file("binary"), file("image"), ".", [file("modules"), file("binary")].join("+")])
      images.push((await resolve(what, directory, cache)).build.image);
    expect(new Set(images).size).toBe(1);
    expect(readdirSync(join(cache, "kernels"))).toHaveLength(1);
  });
});

test.each([
  [
    "binary",
    /linux-base-7\.2\.13\+deb14-amd64_\*\.deb and linux-modules-7\.2\.13\+deb14-amd64_\*\.deb are not beside it$/,
  ],
  [
    "modules",
    /linux-base-7\.2\.13\+deb14-amd64_\*\.deb and linux-binary-7\.2\.13\+deb14-amd64_\*\.deb are not beside it$/,
  ],
  [
    "image",
    /linux-base-\S+_\*\.deb and linux-binary-\S+_\*\.deb and linux-modules-\S+_\*\.deb are not beside it$/,
  ],
])(
  "linux-%s alone is refused with the names of what is missing, and a directory with it too",
  async (part, names) => {
    const all = temporaryDirectory();
    makeDebian(all);
    const directory = temporaryDirectory();
    const name = `linux-${part}-${debian}_7.2.13-1_amd64.deb`;
    copyFileSync(join(all, name), join(directory, name));
    for (const what of [name, "."]) {
      const error = await problem(what, directory);
      expect(error).toMatchObject({ code: "PACKAGE_PARTS_MISSING" });
      expect(error.message).toMatch(names);
      expect(error.message).not.toContain("CONFIG_");
      expect(error.hint).toContain(directory);
    }
  },
);

test("a part of another version is not taken, and that is said; a damaged one too", async () => {
  const directory = temporaryDirectory();
  makeDebian(directory);
  const base = join(directory, `linux-base-${debian}_7.2.13-1_amd64.deb`);
  rmSync(base);
  makeDeb(
    directory,
    { name: `linux-base-${debian}`, version: "7.2.13-2" },
    { [`usr/lib/modules/${debian}/config`]: x86Config },
  );
  const binary = `linux-binary-${debian}_7.2.13-1_amd64.deb`;
  expect((await problem(binary, directory)).message).toContain(
    `(linux-base-${debian}_7.2.13-2_amd64.deb is not version 7.2.13-1)`,
  );
  writeFileSync(base, "!<arch>\ndamaged");
  expect((await problem(binary, directory)).message).toContain(`${basename(base)} cannot be read`);
});

test("of two builds of one release, the parts of the same version are taken; of two releases in a directory, the newest", async () => {
  const directory = temporaryDirectory();
  makeDebian(directory);
  makeDebian(directory, { version: "7.2.13-2" });
  const found = await resolve(`linux-binary-${debian}_7.2.13-1_amd64.deb`, directory);
  expect(partsOf(found).every((name) => name.includes("_7.2.13-1_"))).toBe(true);
  makeDebian(directory, { version: "7.3~rc2-1~exp1", release: "7.3-rc2-amd64" });
  const newest = await resolve(".", directory);
  expect(newest.build.release).toBe("7.3-rc2-amd64");
  expect(newest.build.warnings).toMatchObject([{ code: "KERNEL_NAME_AMBIGUOUS" }]);
  expect(newest.build.warnings[0]?.message).toContain(`not ${debian}`);
});

test("packages of different kernels, of one part, or for different machines are refused by name", async () => {
  const directory = temporaryDirectory();
  makeDebian(directory);
  makeDebian(directory, { release: "7.2.13+deb14-cloud-amd64" });
  const [binary, cloud] = [
    `linux-binary-${debian}_7.2.13-1_amd64.deb`,
    "linux-modules-7.2.13+deb14-cloud-amd64_7.2.13-1_amd64.deb",
  ];
  const error = await problem(`${binary}+${cloud}`, directory);
  expect(error.code).toBe("PACKAGE_PARTS_DIFFER");
  expect(error.message).toContain(
    `${binary} is of Linux ${debian}, and ${cloud} of 7.2.13+deb14-cloud-amd64`,
  );
  const unsigned = makeDeb(
    directory,
    { name: `linux-binary-unsigned-${debian}` },
    { [`usr/lib/modules/${debian}/vmlinuz`]: bzImage(debian) },
  );
  expect((await problem(`${binary}+${basename(unsigned)}`, directory)).message).toContain(
    "have a kernel image each",
  );
  const foreign = makeDeb(
    directory,
    { name: `linux-modules-${debian}`, arch: "arm64" },
    { [`usr/lib/modules/${debian}/kernel/a.ko`]: "a" },
  );
  expect((await problem(`${binary}+${basename(foreign)}`, directory)).message).toContain("for amd64, and");
});

describe("a kernel of Ubuntu", () => {
  /** The names of Ubuntu's archive, and of its builds of mainline kernels. */
  const families = [
    [
      "signed, with more modules in a package that nothing depends on",
      "linux-image-",
      "6.8.0-31-generic",
      "6.8.0-31.31",
      true,
    ],
    ["unsigned", "linux-image-unsigned-", "6.8.0-31-generic", "6.8.0-31.31", true],
    ["of mainline", "linux-image-unsigned-", "6.11.0-061100-generic", "6.11.0-061100.202409151536", false],
  ] as const;

  test.each(families)(
    "%s is whole with what is beside it, with or without sums of its files",
    async (_, prefix, release, version, extra) => {
      for (const sums of [true, false]) {
        const directory = temporaryDirectory();
        const image = makeDeb(
          directory,
          {
            name: `${prefix}${release}`,
            version,
            sums,
            fields: [
              `Depends: kmod, linux-base (>= 4.5ubuntu1~16.04.1), linux-modules-${release}`,
              "Provides: linux-image",
            ],
          },
          { [`boot/vmlinuz-${release}`]: bzImage(release) },
        );
        const missing = await problem(basename(image), directory);
        expect(missing.message).toContain(`: linux-modules-${release}_*.deb is not beside it`);
        makeDeb(
          directory,
          { name: `linux-modules-${release}`, version, sums },
          { [`boot/config-${release}`]: x86Config, [`lib/modules/${release}/kernel/a.ko`]: "a" },
        );
        if (extra)
          makeDeb(
            directory,
            {
              name: `linux-modules-extra-${release}`,
              version,
              sums,
              fields: [`Depends: linux-modules-${release}`],
            },
            { [`lib/modules/${release}/kernel/b.ko`]: "b" },
          );
        const { build } = await resolve(basename(image), directory);
        expect(build).toMatchObject({ release, modules: "built" });
        expect(existsSync(join(build.tree ?? "", "kernel/a.ko"))).toBe(true);
        expect(existsSync(join(build.tree ?? "", "kernel/b.ko"))).toBe(extra);
      }
    },
  );

  test("is found by its metapackages", async () => {
    const directory = temporaryDirectory();
    const release = "6.8.0-31-generic";
    const meta = makeDeb(
      directory,
      {
        name: "linux-generic",
        fields: ["Depends: linux-image-generic (= 1-1), linux-headers-generic (= 1-1)"],
      },
      { "usr/share/doc/x": "" },
    );
    expect(await problem(basename(meta), directory)).toMatchObject({ code: "PACKAGE_WITHOUT_KERNEL" });
    makeDeb(
      directory,
      { name: "linux-image-generic", fields: [`Depends: linux-image-${release}, linux-firmware`] },
      { "usr/share/doc/y": "" },
    );
    expect((await problem(basename(meta), directory)).message).toContain(
      `linux-image-${release}_*.deb is not beside it`,
    );
    makeDeb(
      directory,
      { name: `linux-image-${release}`, fields: [`Depends: linux-modules-${release}`] },
      { [`boot/vmlinuz-${release}`]: bzImage(release) },
    );
    makeDeb(
      directory,
      { name: `linux-modules-${release}` },
      { [`boot/config-${release}`]: x86Config, [`lib/modules/${release}/kernel/a.ko`]: "" },
    );
    expect((await resolve(basename(meta), directory)).build).toMatchObject({ release, modules: "built" });
  });
});

describe("a kernel of Fedora", () => {
  const release = "6.17.4-200.fc42.x86_64";
  const modules = `lib/modules/${release}`;
  const of = (name: string): string => `${name}-uname-r = ${release}`;
  const part = (
    directory: string,
    name: string,
    files: Record<string, string | Buffer>,
    requires: readonly string[],
  ): string =>
    makeRpm(
      directory,
      { name, requires, provides: [of(name), ...(name === "kernel-core" ? [of("kernel")] : [])] },
      files,
    );

  function make(directory: string, names: readonly string[]): void {
    const all: Record<string, readonly [Record<string, string | Buffer>, readonly string[]]> = {
      kernel: [
        { "usr/share/doc/kernel": "x" },
        ["kernel-core", "kernel-modules-core", "kernel-modules"].map(of),
      ],
      "kernel-core": [
        { [`${modules}/vmlinuz`]: bzImage(release), [`${modules}/config`]: x86Config },
        ["dracut", of("kernel-modules-core")],
      ],
      "kernel-modules-core": [
        { [`${modules}/kernel/core.ko`]: "a", [`${modules}/modules.order`]: "" },
        [of("kernel")],
      ],
      "kernel-modules": [{ [`${modules}/kernel/more.ko`]: "b" }, [of("kernel"), of("kernel-modules-core")]],
      "kernel-modules-extra": [{ [`${modules}/kernel/extra.ko`]: "c" }, [of("kernel"), of("kernel-modules")]],
      "kernel-devel": [{ [`usr/src/kernels/${release}/Makefile`]: "x" }, []],
    };
    for (const name of names) part(directory, name, ...(all[name] ?? [{}, []]));
  }

  test("is whole, with all of its modules and no headers", async () => {
    const directory = temporaryDirectory();
    make(directory, [
      "kernel",
      "kernel-core",
      "kernel-modules-core",
      "kernel-modules",
      "kernel-modules-extra",
      "kernel-devel",
    ]);
    for (const name of ["kernel", "kernel-core", "kernel-modules"]) {
      const found = await resolve(`${name}-6.17.4-200.fc42.x86_64.rpm`, directory);
      expect(found.build).toMatchObject({ release, modules: "built", warnings: [] });
      expect(readdirSync(join(found.build.tree ?? "", "kernel"))).toEqual(["core.ko", "extra.ko", "more.ko"]);
      expect(found.told[0]).not.toContain("devel");
    }
    expect((await resolve(".", directory)).build).toMatchObject({ release, modules: "built" });
  });

  test("that is not whole is refused with the names of its packages", async () => {
    const directory = temporaryDirectory();
    make(directory, ["kernel", "kernel-core"]);
    expect((await problem("kernel-core-6.17.4-200.fc42.x86_64.rpm", directory)).message).toContain(
      `the whole of Linux ${release}: kernel-modules-core-6.17.4-200.fc42.x86_64.rpm is not beside it`,
    );
    expect((await problem("kernel-6.17.4-200.fc42.x86_64.rpm", directory)).message).toContain(
      "kernel-modules-core-6.17.4-200.fc42.x86_64.rpm and kernel-modules-6.17.4-200.fc42.x86_64.rpm are not beside it",
    );
    const modulesOnly = temporaryDirectory();
    make(modulesOnly, ["kernel-modules-core"]);
    expect((await problem(".", modulesOnly)).message).toContain(
      ": kernel-core-6.17.4-200.fc42.x86_64.rpm is not beside it",
    );
  });
});

test("kernel-default of openSUSE is whole by itself, and takes its further modules along", async () => {
  const directory = temporaryDirectory();
  const release = "6.17.4-1-default";
  const modules = `usr/lib/modules/${release}`;
  const made = { name: "kernel-default", version: "6.17.4", release: "1.1" };
  makeRpm(directory, made, {
    [`${modules}/vmlinuz`]: bzImage(release),
    [`${modules}/config`]: x86Config,
    [`${modules}/kernel/a.ko.zst`]: "a",
  });
  const alone = await resolve("kernel-default-6.17.4-1.1.x86_64.rpm", directory);
  expect(alone.build).toMatchObject({
    release,
    modules: "built",
  });
  expect(alone.told).toEqual([]);
  makeRpm(
    directory,
    { ...made, name: "kernel-default-optional", requires: ["kernel-default = 6.17.4-1.1"] },
    { [`${modules}/kernel/b.ko.zst`]: "b" },
  );
  expect(partsOf(await resolve("kernel-default-6.17.4-1.1.x86_64.rpm", directory))).toHaveLength(2);
});

test("Arch's linux is taken out of a directory with its headers beside it", async () => {
  const directory = temporaryDirectory();
  const release = "6.17.4-arch1-1";
  const modules = `usr/lib/modules/${release}`;
  makePacman(directory, "linux-6.17.4.arch1-1-x86_64.pkg.tar.zst", {
    [`${modules}/vmlinuz`]: bzImage(release),
    [`${modules}/kernel/a.ko.zst`]: "a",
  });
  makePacman(directory, "linux-headers-6.17.4.arch1-1-x86_64.pkg.tar.zst", {
    [`${modules}/build/.config`]: x86Config,
    [`${modules}/build/vmlinux`]: "x",
  });
  const found = await resolve(".", directory);
  expect(found.build).toMatchObject({ release, modules: "built", warnings: [] });
  expect(partsOf(found)).toEqual(["linux-6.17.4.arch1-1-x86_64.pkg.tar.zst"]);
});

test.each(["a b", "a,b", "a+b", "a\nb", "a'b"])(
  "parts whose names have something in them: %j",
  async (odd) => {
    const directory = join(temporaryDirectory(), `in ${odd}`);
    const made = temporaryDirectory();
    makeDebian(made);
    const [image, modules, base] = ["binary", "modules", "base"].map((part) =>
      join(directory, `${part} ${odd}.deb`),
    );
    for (const [part, target = ""] of [
      ["binary", image],
      ["modules", modules],
      ["base", base],
    ] as const) {
      // Names of their own, in which nothing says what they are.
      writeAt(target);
      copyFileSync(join(made, `linux-${part}-${debian}_7.2.13-1_amd64.deb`), target);
    }
    expect((await resolve(image ?? "", "/")).build).toMatchObject({ release: debian, modules: "built" });
    expect((await resolve(`${image}+${basename(modules ?? "")}+${base}`, "/")).told).toEqual([]);
    expect(namesPackages(`${image}+${modules}`, "/")).toBe(true);
    // The whole path comes first.
    const whole = `${image}+${basename(modules ?? "")}`;
    renameSync(join(made, `linux-image-amd64_7.2.13-1_amd64.deb`), whole);
    expect((await rejection(resolve(whole, "/"))).message).toContain(
      `linux-image-${debian}_*.deb is not beside it`,
    );
  },
);

test("a piece that is no file is named, and what holds a + and is nothing is looked up as a whole", async () => {
  const directory = temporaryDirectory();
  makeDebian(directory);
  const error = await problem(`linux-binary-${debian}_7.2.13-1_amd64.deb+modules.deb`, directory);
  expect(error).toMatchObject({ code: "KERNEL_NOT_FOUND" });
  expect(error.message).toContain(`${join(directory, "modules.deb")} is no file`);
  expect((await problem("6.12.5+deb13-amd64", directory)).message).toContain(
    'no kernel build "6.12.5+deb13-amd64"',
  );
});

test("what was found is remembered until a file changes; a dry run writes nothing", async () => {
  const directory = temporaryDirectory();
  makeDebian(directory);
  const modules = join(directory, `linux-modules-${debian}_7.2.13-1_amd64.deb`);
  const [away, cache] = [`${modules}.away`, join(temporaryDirectory(), "cache")];
  const binary = `linux-binary-${debian}_7.2.13-1_amd64.deb`;
  renameSync(modules, away);
  expect((await problem(binary, directory)).code).toBe("PACKAGE_PARTS_MISSING");
  renameSync(away, modules);
  const never = { cwd: directory, cacheDir: cache, prepare: "never" } as const;
  expect((await rejection(resolveKernel(binary, never))).code).toBe("KERNEL_NOT_PREPARED");
  expect(existsSync(cache)).toBe(false);
  const first = (await resolve(binary, directory, cache)).build;
  expect(await resolveKernel(binary, never)).toEqual(first);
  const path = process.env["PATH"];
  process.env["PATH"] = temporaryDirectory();
  try {
    expect((await resolve(binary, directory, cache)).build).toEqual(first);
  } finally {
    process.env["PATH"] = path;
  }
  utimesSync(modules, 1000, 1000);
  expect((await resolve(binary, directory, cache)).build.image).not.toBe(first.image);
});

test("packages that hold an image with a configuration and no modules are refused where the guest needs some", async () => {
  const directory = temporaryDirectory();
  const pack = async (config: string): Promise<KernelBuild> => {
    makePacman(directory, "linux.pkg.tar", {
      [`usr/lib/modules/6.12.5/vmlinuz`]: bzImage("6.12.5"),
      "usr/lib/modules/6.12.5/config": config,
    });
    return { ...(await resolve("linux.pkg.tar", directory)).build, modules: "absent" };
  };
  const modular = await pack(
    x86Config.replaceAll("=y", "=m").replace("CONFIG_MODULES=m", "CONFIG_MODULES=y"),
  );
  const error = failure(() => requireModules(modular, ["embedded"]));
  expect(error).toMatchObject({ code: "PACKAGE_PARTS_MISSING" });
  expect(error.message).not.toContain("CONFIG_");
  expect(() => requireModules({ ...modular, modules: "built" }, ["embedded"])).not.toThrow();
});

function writeAt(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
}
