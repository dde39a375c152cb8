import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { copyKernel, ensureModulesIndex, resolveKernel, type KernelBuild } from "../../src/index.js";
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

function find(what: string): Promise<KernelBuild> {
  return resolveKernel(what, { cwd: "/" });
}

test("the copy of a build tree is the same kernel, with the modules of modules.order and no stale ones", async () => {
  const root = temporaryDirectory();
  const tree = makeTree(join(root, "tree"), { modulesOrder: "drivers/net/dummy.o\nfs/absent.o\n" });
  install(tree, "drivers/net/dummy.ko", objects.device);
  put(tree, "drivers/stale.ko", "an older configuration's");
  const build = await find(tree);
  const copy = copyKernel(build, join(root, "copies"));
  const place = join(root, "copies", copy.name);
  const { release, arch, modules, options } = await find(place);
  expect({ release, arch, modules, options }).toEqual({
    release: build.release,
    arch: build.arch,
    modules: "built",
    options: build.options,
  });
  expect(readFileSync(join(place, copy.image))).toEqual(readFileSync(build.image));
  const below = join(place, "lib/modules/6.1.0");
  expect(readdirSync(join(below, "kernel"), { recursive: true }).map(String).toSorted()).toEqual([
    "drivers",
    "drivers/net",
    "drivers/net/dummy.ko",
  ]);
  expect(readFileSync(join(below, "modules.order"), "utf8")).toContain("kernel/drivers/net/dummy.ko\n");
  expect(existsSync(join(below, "modules.builtin"))).toBe(true);
  const index = await ensureModulesIndex(await find(place), { cacheDir: join(root, "cache") });
  expect(index).toMatchObject({ state: "made", count: 1 });
  expect(readdirSync(join(root, "copies"))).toEqual([copy.name]);
});

test("a copy is named by its content: the same kernel twice is one, a rebuilt module makes another", async () => {
  const root = temporaryDirectory();
  const tree = makeTree(join(root, "tree"), { modulesOrder: "drivers/net/dummy.o\n" });
  put(tree, "drivers/net/dummy.ko", "one");
  const copies = join(root, "copies");
  const first = copyKernel(await find(tree), copies);
  expect(copyKernel(await find(tree), copies)).toEqual(first);
  put(tree, "drivers/net/dummy.ko", "two");
  const second = copyKernel(await find(tree), copies);
  expect(second.name).not.toBe(first.name);
  expect(second.imageSha256).toBe(first.imageSha256);
  expect(readdirSync(copies).toSorted()).toEqual([first.name, second.name].toSorted());
});

test("the copy below a build tree is not taken for that tree, with no modules neither", async () => {
  const root = makeTree(temporaryDirectory(), { config: x86Config, modulesOrder: "drivers/net/dummy.o\n" });
  const plain = join(temporaryDirectory(), "bzImage");
  writeFileSync(plain, bzImage("6.1.0"));
  const copy = copyKernel(await find(plain), join(root, "plan/kernels"));
  const place = join(root, "plan/kernels", copy.name);
  expect(await find(place)).toMatchObject({
    image: join(place, copy.image),
    release: "6.1.0",
    kind: "unpacked",
  });
});

test("an installed kernel is copied without its links to sources", async () => {
  const root = temporaryDirectory();
  const release = "6.12.5";
  put(root, `boot/vmlinuz-${release}`, bzImage(release));
  put(root, `boot/config-${release}`, x86Config);
  put(root, `lib/modules/${release}/kernel/fs/x.ko`, "x");
  put(root, `lib/modules/${release}/modules.order`, "kernel/fs/x.ko\n");
  mkdirSync(join(root, "source"));
  writeFileSync(join(root, "source/large"), "text");
  symlinkSync(join(root, "source"), join(root, `lib/modules/${release}/build`));
  const copies = temporaryDirectory();
  const { name } = copyKernel(await find(root), copies);
  const below = join(copies, name, "lib/modules", release);
  expect(readdirSync(below).toSorted()).toEqual(["kernel", "modules.order"]);
  expect(readFileSync(join(below, "kernel/fs/x.ko"), "utf8")).toBe("x");
});

test("a kernel that cannot be read leaves no draft", async () => {
  const root = temporaryDirectory();
  const build = await find(makeTree(join(root, "tree")));
  const gone = { ...build, image: join(root, "gone") };
  expect(() => copyKernel(gone, join(root, "copies"))).toThrow(
    expect.objectContaining({ code: "KERNEL_NOT_COPIED" }),
  );
  expect(existsSync(join(root, "copies")) ? readdirSync(join(root, "copies")) : []).toEqual([]);
});
