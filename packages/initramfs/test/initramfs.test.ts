import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import {
  type BootNeeds,
  checkInitramfs,
  ensureInitramfs,
  type InitramfsKernel,
  type InitramfsOptions,
} from "../src/index.js";
import { put, temporaryDirectory } from "./temporary-directory.js";

const needs: BootNeeds = { root: "9p" };
const names = ["virtio_pci", "9pnet", "9pnet_virtio", "9p"] as const;
const config = ["VIRTIO_PCI=m", "NET_9P=m", "NET_9P_VIRTIO=m", "9P_FS=m"]
  .concat(["BLK_DEV_INITRD=y", "BINFMT_ELF=y", "BINFMT_SCRIPT=y", "DEVTMPFS=y", "PROC_FS=y"])
  .map((line) => `CONFIG_${line}\n`)
  .join("");

interface Setting {
  readonly kernel: InitramfsKernel;
  readonly options: InitramfsOptions;
  readonly directory: string;
}

/** The four modules in a directory such as lib/modules/R, each packed in another way. */
function makeSetting(): Setting {
  const directory = temporaryDirectory();
  put(directory, "lib/kernel/drivers/virtio_pci.ko", bytesOf("virtio_pci"));
  put(directory, "lib/kernel/net/9pnet.ko.gz", gzipSync(bytesOf("9pnet")));
  put(directory, "lib/kernel/net/9pnet_virtio.ko.xz", pack("xz", bytesOf("9pnet_virtio")));
  put(directory, "lib/kernel/fs/9p.ko.zst", pack("zstd", bytesOf("9p")));
  const dep = [
    "kernel/drivers/virtio_pci.ko:",
    "kernel/net/9pnet.ko.gz:",
    "kernel/net/9pnet_virtio.ko.xz: kernel/net/9pnet.ko.gz",
    "kernel/fs/9p.ko.zst: kernel/net/9pnet.ko.gz",
  ];
  put(directory, "lib/modules.dep", `${dep.join("\n")}\n`);
  return {
    directory,
    kernel: {
      release: "6.1.0-test",
      arch: "x86_64",
      config,
      modules: { layout: "installed", directory: join(directory, "lib") },
    },
    options: { cacheDir: join(directory, "cache") },
  };
}

function unpack(archive: string): string {
  const directory = temporaryDirectory();
  execFileSync("cpio", ["-id", "--no-absolute-filenames"], {
    cwd: directory,
    input: readFileSync(archive),
    stdio: ["pipe", "ignore", "ignore"],
  });
  return directory;
}

function pathOf(result: { readonly path: string } | { readonly state: "not-needed" }): string {
  if (!("path" in result)) throw new Error("no initramfs");
  return result.path;
}

test("it holds busybox, init, and the modules unpacked, in the order in which they are loaded", () => {
  const { kernel, options } = makeSetting();
  const made = ensureInitramfs(kernel, needs, options);
  expect(made).toMatchObject({ state: "made", modules: names.map((name) => ({ name, use: "wanted" })) });
  const root = unpack(pathOf(made));
  for (const name of names) expect(readFileSync(join(root, "modules", `${name}.ko`))).toEqual(bytesOf(name));
  expect(readFileSync(join(root, "modules/list"), "utf8")).toBe(
    names.map((name) => `wanted ${name}\n`).join(""),
  );
  expect(readFileSync(join(root, "modules/release"), "utf8")).toBe("6.1.0-test\n");
  expect(statSync(join(root, "init")).mode & 0o111).toBe(0o111);
  expect(execFileSync(join(root, "bin/sh"), ["-c", "echo it runs"], { encoding: "utf8" })).toBe("it runs\n");
});

test("it is made once, and made again to the same bytes", () => {
  const { kernel, options } = makeSetting();
  expect(checkInitramfs(kernel, needs, options).state).toBe("to-be-made");
  expect(existsSync(options.cacheDir)).toBe(false);
  const made = ensureInitramfs(kernel, needs, options);
  const bytes = readFileSync(pathOf(made));
  expect(ensureInitramfs(kernel, needs, options)).toEqual({ ...made, state: "ready" });
  expect(checkInitramfs(kernel, needs, options)).toEqual({ ...made, state: "ready" });
  const elsewhere = ensureInitramfs(kernel, needs, { cacheDir: temporaryDirectory() });
  expect(basename(pathOf(elsewhere))).toBe(basename(pathOf(made)));
  expect(readFileSync(pathOf(elsewhere)).equals(bytes)).toBe(true);
  expect(readdirSync(join(options.cacheDir, "initramfs"))).toEqual([basename(pathOf(made))]);
});

test("a module that was built again gives another file", () => {
  const { kernel, options, directory } = makeSetting();
  const before = pathOf(ensureInitramfs(kernel, needs, options));
  const module = put(directory, "lib/kernel/drivers/virtio_pci.ko", "\x7fELF newer");
  const after = pathOf(ensureInitramfs(kernel, needs, options));
  expect(after).not.toBe(before);
  expect(readFileSync(after).includes("ELF newer")).toBe(true);
  utimesSync(module, 1, 1);
  expect(pathOf(ensureInitramfs(kernel, needs, options))).not.toBe(after);
});

test("what nobody used for a month is removed when a new one is made, what is in use stays", () => {
  const { kernel, options } = makeSetting();
  const place = join(options.cacheDir, "initramfs");
  for (const [name, age] of [
    ["old.cpio", 31],
    ["used.cpio", 2],
    [".new-1-dead.cpio", 1],
    ["notes", 90],
  ] as const) {
    utimesSync(put(place, name, ""), days(age), days(age));
  }
  const path = pathOf(ensureInitramfs(kernel, needs, options));
  expect(new Set(readdirSync(place))).toEqual(new Set(["used.cpio", "notes", basename(path)]));
  utimesSync(path, days(20), days(20));
  ensureInitramfs(kernel, needs, options);
  expect(Date.now() - statSync(path).mtimeMs).toBeLessThan(86_400_000);
});

test("the modules of a build tree are found where they were compiled", () => {
  const { options, kernel, directory } = makeSetting();
  put(directory, "tree/drivers/virtio/virtio_pci.ko", "\x7fELF of the tree");
  const index = join(directory, "index");
  put(index, "modules.dep", "kernel/drivers/virtio/virtio_pci.ko:\n");
  const modules = { layout: "build-tree", directory: join(directory, "tree"), index } as const;
  const only = config
    .replaceAll("9P=m", "9P=y")
    .replace("9P_FS=m", "9P_FS=y")
    .replace("NET_9P_VIRTIO=m", "NET_9P_VIRTIO=y");
  const path = pathOf(ensureInitramfs({ ...kernel, config: only, modules }, needs, options));
  expect(readFileSync(join(unpack(path), "modules/virtio_pci.ko"), "latin1")).toBe("\x7fELF of the tree");
});

test("with all drivers built in nothing is read and nothing made", () => {
  const { kernel, options } = makeSetting();
  const modules = { layout: "installed", directory: "/nowhere" } as const;
  const result = ensureInitramfs(
    { ...kernel, config: config.replaceAll("=m", "=y"), modules },
    needs,
    options,
  );
  expect(result).toEqual({ state: "not-needed" });
  expect(existsSync(options.cacheDir)).toBe(false);
});

test("what the kernel lacks is named by its option, so that another way can be taken", () => {
  const { kernel, options } = makeSetting();
  const without = { ...kernel, config: config.replaceAll(/CONFIG_(?:NET_)?9P.*\n/g, ""), modules: undefined };
  expect(() => ensureInitramfs(withoutModules(without), needs, options)).toThrow(
    expect.objectContaining({
      code: "DRIVER_MISSING",
      message: expect.stringContaining("no 9p (CONFIG_NET_9P, CONFIG_NET_9P_VIRTIO, CONFIG_9P_FS)"),
      missing: expect.arrayContaining([expect.objectContaining({ option: "CONFIG_9P_FS", reason: "off" })]),
    }),
  );
  expect(() => ensureInitramfs(withoutModules(kernel), needs, options)).toThrow(
    expect.objectContaining({ code: "DRIVER_MISSING", hint: expect.stringContaining("make modules") }),
  );
});

function withoutModules({
  release,
  arch,
  config: text,
}: {
  release: string;
  arch: string;
  config?: string;
}): InitramfsKernel {
  return { release, arch, ...(text === undefined ? {} : { config: text }) };
}

test("a module that is gone, broken or no module is named", () => {
  const { kernel, options, directory } = makeSetting();
  put(directory, "lib/kernel/net/9pnet.ko.gz", gzipSync("no module"));
  const make = (): unknown => ensureInitramfs(kernel, needs, options);
  expect(make).toThrow(
    expect.objectContaining({ code: "MODULE_UNREADABLE", message: expect.stringContaining("9pnet.ko.gz") }),
  );
  put(directory, "lib/kernel/net/9pnet.ko.gz", gzipSync("no module").subarray(0, 20));
  expect(make).toThrow(expect.objectContaining({ code: "MODULE_UNREADABLE" }));
  rmSync(join(directory, "lib/kernel/net/9pnet.ko.gz"));
  expect(make).toThrow(expect.objectContaining({ code: "MODULE_MISSING" }));
  rmSync(join(directory, "lib/modules.dep"));
  expect(make).toThrow(expect.objectContaining({ code: "MODULES_INDEX_MISSING" }));
  expect(existsSync(options.cacheDir)).toBe(false);
});

test("the package with xz or zstd is named when the host has none", () => {
  const { kernel, options, directory } = makeSetting();
  const bin = join(directory, "bin");
  put(bin, "there", "");
  for (const [missing, debianPackage] of [
    ["xz", "xz-utils"],
    ["zstd", "zstd"],
  ] as const) {
    for (const name of ["xz", "zstd"]) rmSync(join(bin, name), { force: true });
    const other = missing === "xz" ? "zstd" : "xz";
    symlinkSync(execFileSync("which", [other], { encoding: "utf8" }).trim(), join(bin, other));
    const path = process.env["PATH"];
    process.env["PATH"] = bin;
    try {
      expect(() => ensureInitramfs(kernel, needs, options)).toThrow(
        expect.objectContaining({ code: "PROGRAM_NOT_FOUND", hint: expect.stringContaining(debianPackage) }),
      );
    } finally {
      process.env["PATH"] = path;
    }
  }
});

test("a cache that cannot be written is named", () => {
  const { kernel, directory } = makeSetting();
  const cacheDir = put(directory, "a-file", "");
  expect(() => ensureInitramfs(kernel, needs, { cacheDir })).toThrow(
    expect.objectContaining({ code: "CACHE_UNUSABLE" }),
  );
});

test("a release is only a part of a file's name", () => {
  const { kernel, options } = makeSetting();
  const path = pathOf(ensureInitramfs({ ...kernel, release: "6.1/../../x y" }, needs, options));
  expect(readdirSync(join(options.cacheDir, "initramfs"))).toEqual([basename(path)]);
  expect(readFileSync(join(unpack(path), "modules/release"), "utf8")).toBe("6.1/../../x y\n");
});

test("a busybox of one's own is taken, and another one gives another file", () => {
  const { kernel, options, directory } = makeSetting();
  const busybox = join(directory, "my-busybox");
  copyFileSync("/bin/busybox", busybox);
  const path = pathOf(ensureInitramfs(kernel, needs, { ...options, busybox }));
  expect(path).not.toBe(pathOf(ensureInitramfs(kernel, needs, options)));
});

function bytesOf(module: string): Buffer {
  return Buffer.from(`\x7fELF the module ${module}`, "latin1");
}

function pack(program: string, bytes: Buffer): Buffer {
  return execFileSync(program, ["-c"], { input: bytes });
}

/** A time so many days ago, in seconds. */
function days(count: number): number {
  return Date.now() / 1000 - count * 86_400;
}
