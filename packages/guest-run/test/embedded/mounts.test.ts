import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lateMounts } from "../../src/embedded/kernel-mounts.js";
import { embeddedMounts, nestedMounts } from "../../src/embedded/mounts.js";
import { moduleMounts, shareMounts } from "../../src/embedded/share-mounts.js";
import {
  temporaryDirectories,
  temporaryLinks,
  temporaryMounts,
} from "../../src/embedded/temporary-directories.js";
import { renderMountTable } from "../../src/share/mount-table.js";
import { madeUpRoot } from "./made-up-root.js";

const root = "/no/such/root";

test("a build tree's modules lie on build and kernel, below the files of the index", () => {
  const modules = { release: "6.1.0", layout: "build-tree", index: "shared" } as const;
  const lines = renderMountTable(moduleMounts("/mnt", modules, "9p", root)).split("\n");
  const inside = lines
    .filter((line) => line.includes("/lib/modules/"))
    .map((line) => line.replace(/ro,.*/, "..."));
  expect(inside).toEqual([
    "overlay /../lib/modules/6.1.0 overlay lowerdir=/mnt/plain/modules:/mnt/index,X-mount.mkdir 0 0",
    "modules /../lib/modules/6.1.0/build 9p ...",
    "/../lib/modules/6.1.0/build /../lib/modules/6.1.0/kernel none bind 0 0",
  ]);
});

test("what is mounted where an absolute link leads is mounted in the guest's root, and not below the first shell's", () => {
  const linked = madeUpRoot("x86_64");
  mkdirSync(join(linked, "data/modules"), { recursive: true });
  mkdirSync(join(linked, "usr/lib"));
  symlinkSync("/usr/lib", join(linked, "lib"));
  symlinkSync("/data/modules", join(linked, "usr/lib/modules"));
  symlinkSync("/data/../data", join(linked, "home"));
  symlinkSync("loop", join(linked, "loop"));
  const shares = ["/home/new/deep", "/home", "/loop/x", "/bin", "/nowhere/x"].map((path) => ({
    path,
    access: "read-only" as const,
  }));
  expect(shareMounts(shares, "9p", linked).map(({ target }) => target)).toEqual([
    "/../data/new/deep",
    "/../data",
    "/../loop/x",
    "/../usr/bin",
    "/../nowhere/x",
  ]);
  const modules = { release: "6.1.0", layout: "build-tree", index: "none" } as const;
  expect(moduleMounts("/mnt", modules, "9p", linked).map(({ target }) => target)).toEqual([
    "/../data/modules/6.1.0",
    "/../data/modules/6.1.0/build",
    "/../data/modules/6.1.0/kernel",
  ]);
});

test("an installed kernel's modules lie there as they are", () => {
  const modules = { release: "6.1.0", layout: "installed", index: "shared" } as const;
  const table = renderMountTable(moduleMounts("/mnt", modules, "9p", root));
  expect(table).toContain(
    "overlay /../lib/modules/6.1.0 overlay lowerdir=/mnt/index:/mnt/installed,X-mount.mkdir 0 0",
  );
});

function types(kernel: { readonly [option: string]: string } | null): string[] {
  return embeddedMounts({ stage: "/mnt", kernel }).map(({ type }) => type);
}

test("only what the kernel has is mounted beside the necessary", () => {
  expect(types({})).not.toContain("debugfs");
  expect(types({ CONFIG_DEBUG_FS: "y" })).toContain("debugfs");
  expect(types(null)).toContain("cgroup2");
});

test("file systems that are modules wait for the modules, each mounted once", () => {
  const kernel = {
    CONFIG_BINFMT_MISC: "m",
    CONFIG_CONFIGFS_FS: "m",
    CONFIG_FUSE_FS: "m",
    CONFIG_PSTORE: "m",
    CONFIG_DEBUG_FS: "y",
  };
  const { modules, mounts } = lateMounts(kernel);
  expect(modules.toSorted()).toEqual(["binfmt_misc", "configfs", "fuse", "pstore"]);
  expect(mounts.map(({ type }) => type).toSorted()).toEqual(["binfmt_misc", "configfs", "fusectl", "pstore"]);
  expect(types(kernel).filter((type) => mounts.some((mount) => mount.type === type))).toEqual([]);
  expect(lateMounts({ CONFIG_CONFIGFS_FS: "y" })).toEqual({ modules: [], mounts: [] });
  expect(lateMounts(null)).toEqual({ modules: [], mounts: [] });
});

function targets(kernel: { readonly [option: string]: string } | null): string[] {
  return embeddedMounts({ stage: "/mnt", kernel, modprobe: "/usr/bin/kmod" }).map(({ target }) => target);
}

test("nothing asks the root's modprobe for modules while bpf is mounted: only where all else is known to be built in", () => {
  expect(targets({ CONFIG_BPF_SYSCALL: "y" }).indexOf("/usr/bin/kmod")).toBe(1);
  expect(targets({})).not.toContain("/usr/bin/kmod");
  expect(targets(null)).not.toContain("/usr/bin/kmod");
  expect(targets({ CONFIG_BPF_SYSCALL: "y" }).at(-1)).toBe("/../sys/fs/bpf");
});

test("over virtiofs the mounts say nothing of the transport, for the daemon knows it", () => {
  const modules = { release: "6.1.0", layout: "installed", index: "none" } as const;
  const shares = [{ path: "/src", access: "read-write" }] as const;
  const table = renderMountTable([
    ...embeddedMounts({ stage: "/mnt", kernel: {}, nested: ["/a b", "/c"] }),
    ...nestedMounts("/mnt", ["/a b", "/c"]),
    ...shareMounts(shares, "virtiofs", root),
    ...moduleMounts("/mnt", modules, "virtiofs", root),
  ]);
  expect(table).toContain("vm-share-0 /../src virtiofs rw,nosuid,nodev,X-mount.mkdir 0 0\n");
  expect(table).toContain("modules /../lib/modules/6.1.0 virtiofs ro,nosuid,nodev,X-mount.mkdir 0 0\n");
  expect(table).toContain(
    "overlay /../a\\040b overlay lowerdir=/mnt/lower/0,upperdir=/mnt/plain/nested/0/upper,workdir=/mnt/plain/nested/0/work 0 0\n",
  );
  expect(table).not.toContain("9p");
});

test("where overlays take no file with no name the root's temporary directories are file systems of their own", () => {
  const own = madeUpRoot("x86_64");
  for (const name of ["tmp/cwd/deep", "tmp/named", "tmp/other", "tmp/sh,a b", "var/tmp/named"])
    mkdirSync(join(own, name), { recursive: true });
  writeFileSync(join(own, "tmp/file"), "");
  symlinkSync("named", join(own, "tmp/link"));
  const named = [
    "/tmp/cwd/",
    "/tmp/sh,a b",
    "cat /tmp/file; cd '/tmp/named' && ls /tmp/link/x /tmp/../x >/var/tmp/named/x",
  ];
  expect(temporaryDirectories(own, { release: "6.2.0", named })).toEqual([
    { path: "/tmp", mounted: ["cwd", "named"] },
    { path: "/var/tmp", mounted: ["named"] },
  ]);
  for (const release of ["6.3.0", "6.12", "7.0-rc1", undefined])
    expect(temporaryDirectories(own, { release, named })).toEqual([]);
  expect(renderMountTable(temporaryMounts([{ path: "/tmp", mounted: ["cwd"] }]))).toBe(
    `/../tmp /../run/vm-host/tmp none rbind,X-mount.mkdir 0 0
tmpfs /../tmp tmpfs mode=1777 0 0
/../run/vm-host/tmp/cwd /../tmp/cwd none rbind,nofail,X-mount.mkdir 0 0
`,
  );
});

test("what is not mounted there are links to, whatever their names; where nothing is there is no link", () => {
  const linked = madeUpRoot("x86_64");
  for (const name of ["tmp/there", "var/tmp", "run/vm-host/tmp/there", "run/vm-host/var/tmp"])
    mkdirSync(join(linked, name), { recursive: true });
  for (const name of ["a b", "-n", ".dot", "..two", "*", "new\nline"])
    writeFileSync(join(linked, "run/vm-host/tmp", name), name);
  const temporary = ["/tmp", "/var/tmp"].map((path) => ({ path, mounted: [] }));
  const text = temporaryLinks(temporary).replaceAll("cd -P /../", `cd -P '${linked}'/`);
  execFileSync("dash", ["-c", `${text}\ntrue`]);
  expect(readdirSync(join(linked, "tmp")).toSorted()).toEqual(
    ["there", "a b", "-n", ".dot", "..two", "*", "new\nline"].toSorted(),
  );
  expect(readlinkSync(join(linked, "tmp/-n"))).toBe("../run/vm-host/tmp/-n");
  expect(readdirSync(join(linked, "var/tmp"))).toEqual([]);
  expect(temporaryLinks([])).toBe("");
});
