import { array, assert, nat, property } from "fast-check";
import { expect, test } from "vitest";
import { moduleIndex } from "../src/index.js";
import { loadOrder } from "../src/load-order.js";

function order(names: readonly string[], texts: Partial<Parameters<typeof moduleIndex>[0]>): string[] {
  return loadOrder(names, moduleIndex({ dep: "", ...texts })).map(({ name, use }) =>
    use === "soft" ? `${name}?` : name,
  );
}

test("what a module depends on is loaded before it, each once", () => {
  const dep = [
    "kernel/fs/9p/9p.ko: kernel/net/9p/9pnet.ko kernel/fs/fscache/fscache.ko kernel/fs/netfs/netfs.ko",
    "kernel/fs/fscache/fscache.ko: kernel/fs/netfs/netfs.ko",
    "kernel/fs/netfs/netfs.ko:",
    "kernel/net/9p/9pnet.ko:",
    "kernel/net/9p/9pnet_virtio.ko: kernel/net/9p/9pnet.ko",
  ].join("\n");
  expect(order(["9pnet_virtio", "9p"], { dep })).toEqual(["9pnet", "9pnet_virtio", "netfs", "fscache", "9p"]);
});

test("in every modules.dep that depmod could write, each module comes after all that it depends on", () => {
  // Module n depends on some of the modules before it; depmod writes all of them, direct or not, into its line.
  const graphs = array(array(nat({ max: 20 }), { maxLength: 4 }), { minLength: 1, maxLength: 20 });
  assert(
    property(graphs, (graph) => {
      const closures: Set<number>[] = [];
      for (const [n, wishes] of graph.entries()) {
        const direct = wishes.filter((m) => m < n);
        closures.push(new Set(direct.flatMap((m) => [m, ...(closures[m] ?? [])])));
      }
      const lines = closures.map(
        (all, n) => `kernel/m${n}.ko: ${[...all].map((m) => `kernel/m${m}.ko`).join(" ")}`,
      );
      const last = graph.length - 1;
      const names = order([`m${last}`], { dep: lines.join("\n") });
      expect(new Set(names)).toEqual(new Set([...(closures[last] ?? []), last].map((m) => `m${m}`)));
      expect(names).toHaveLength(new Set(names).size);
      for (const [at, name] of names.entries()) {
        const needed = [...(closures[Number(name.slice(1))] ?? [])].map((m) => `m${m}`);
        expect(names.slice(0, at)).toEqual(expect.arrayContaining(needed));
      }
    }),
  );
});

function alias(): string {
  return "alias pci:v*d* e1000\nalias crypto-crc32c crc32c_intel\nalias crypto-crc32c crc32c_generic\n";
}

test("soft dependencies are loaded before and after, by name or alias, as far as they are there", () => {
  const dep = [
    "kernel/fs/ext4/ext4.ko: kernel/fs/mbcache.ko",
    "kernel/fs/mbcache.ko:",
    "kernel/crypto/crc32c_generic.ko:",
    "kernel/arch/x86/crypto/crc32c-intel.ko:",
    "kernel/drivers/late-one.ko:",
  ].join("\n");
  const softdep =
    "# a comment\nsoftdep ext4 pre: crypto-crc32c nowhere post: late-one\nsoftdep ext4 pre: mbcache\n";
  const found = ["crc32c_intel?", "crc32c_generic?", "mbcache", "ext4", "late_one?"];
  expect(order(["ext4"], { dep, softdep, alias })).toEqual(found);
  const builtin = "kernel/crypto/crc32c_generic.ko\n";
  expect(order(["ext4"], { dep, softdep, alias, builtin })).toEqual(
    found.filter((name) => !/generic/.test(name)),
  );
});

test("a softdep that is a hard dependency of something else as well is wanted, and circles end", () => {
  const dep = "kernel/a.ko:\nkernel/b.ko:\nkernel/c.ko: kernel/b.ko\n";
  const softdep = "softdep a pre: b\nsoftdep b pre: a\n";
  expect(order(["a", "c"], { dep, softdep })).toEqual(["b", "a", "c"]);
});

test("hyphens, compressed modules and other directories are read as depmod writes them", () => {
  const dep = "kernel/sound/snd-pcm.ko.zst: updates/snd-timer.ko.xz\nupdates/snd-timer.ko.xz:\n";
  const index = moduleIndex({ dep });
  expect(loadOrder(["snd_pcm"], index).map(({ path }) => path)).toEqual([
    "updates/snd-timer.ko.xz",
    "kernel/sound/snd-pcm.ko.zst",
  ]);
});

test.each([
  "kernel/../../../etc/shadow/9p.ko:",
  "../9p.ko:",
  "kernel/9p.ko: kernel/$(reboot).ko",
  "kernel/9p.ko: kernel/a;b.ko",
  "kernel/9p.ko: ../../9pnet.ko",
])("a modules.dep with %j is refused", (line) => {
  expect(() => order(["9p"], { dep: line })).toThrow(
    expect.objectContaining({ code: "MODULES_INDEX_INVALID" }),
  );
});

test("an alias that names no module is refused", () => {
  const texts = { dep: "kernel/a.ko:\n", softdep: "softdep a pre: b\n", alias: () => "alias b ../../c d\n" };
  expect(() => order(["a"], texts)).toThrow(expect.objectContaining({ code: "MODULES_INDEX_INVALID" }));
});
