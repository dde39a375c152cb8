import { expect, test } from "vitest";
import { embeddedMounts, moduleMounts, nestedMounts, shareMounts } from "../../src/embedded/mounts.js";
import { renderMountTable } from "../../src/share/mount-table.js";

test("a build tree's modules lie on build and kernel, below the files of the index", () => {
  const modules = { release: "6.1.0", layout: "build-tree", index: "shared" } as const;
  const lines = renderMountTable(moduleMounts("/mnt", modules, "9p")).split("\n");
  const inside = lines
    .filter((line) => line.includes("/lib/modules/"))
    .map((line) => line.replace(/ro,.*/, "..."));
  expect(inside).toEqual([
    "overlay /../lib/modules/6.1.0 overlay lowerdir=/mnt/plain/modules:/mnt/index,X-mount.mkdir 0 0",
    "modules /../lib/modules/6.1.0/build 9p ...",
    "/../lib/modules/6.1.0/build /../lib/modules/6.1.0/kernel none bind 0 0",
  ]);
});

test("an installed kernel's modules lie there as they are", () => {
  const modules = { release: "6.1.0", layout: "installed", index: "shared" } as const;
  const table = renderMountTable(moduleMounts("/mnt", modules, "9p"));
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

test("over virtiofs the mounts say nothing of the transport, for the daemon knows it", () => {
  const modules = { release: "6.1.0", layout: "installed", index: "none" } as const;
  const shares = [{ path: "/src", access: "read-write" }] as const;
  const table = renderMountTable([
    ...embeddedMounts({ stage: "/mnt", kernel: {}, nested: ["/a b", "/c"] }),
    ...nestedMounts("/mnt", ["/a b", "/c"]),
    ...shareMounts(shares, "virtiofs"),
    ...moduleMounts("/mnt", modules, "virtiofs"),
  ]);
  expect(table).toContain("vm-share-0 /../src virtiofs rw,nosuid,nodev,X-mount.mkdir 0 0\n");
  expect(table).toContain("modules /../lib/modules/6.1.0 virtiofs ro,nosuid,nodev,X-mount.mkdir 0 0\n");
  expect(table).toContain(
    "overlay /../a\\040b overlay lowerdir=/mnt/lower/0,upperdir=/mnt/plain/nested/0/upper,workdir=/mnt/plain/nested/0/work 0 0\n",
  );
  expect(table).not.toContain("9p");
});
