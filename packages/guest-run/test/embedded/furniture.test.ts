import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { tarArchive } from "../../src/embedded/archive.js";
import { deviceNodes } from "../../src/embedded/device-nodes.js";
import { furniture, furnitureEntries } from "../../src/embedded/furniture.js";
import { printfFormat } from "../../src/embedded/printf-bytes.js";
import { rootPrograms } from "../../src/embedded/root-tools.js";
import { madeUpRoot, put, temporaryDirectory } from "./made-up-root.js";

const shells = ["dash", "bash", "busybox sh"];

function shell(words: string, script: Uint8Array): Buffer {
  const [program = "", ...args] = words.split(" ");
  const { stdout, stderr } = spawnSync(program, [...args, "-s"], { input: script });
  expect(stderr.toString()).toBe("");
  return stdout;
}

test.each(shells)("any bytes come out of the printf of %s", (words) => {
  const byte = fc.oneof(fc.constantFrom(0, 0x27, 0x25, 0x5c, 0x0a, 0x30), fc.nat({ max: 255 }));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 2000 }), (bytes) => {
      const script = Buffer.concat([
        printfFormat("value", Buffer.from(bytes)),
        Buffer.from('printf "$value"\n'),
      ]);
      expect([...shell(words, script)]).toEqual(bytes);
    }),
    { numRuns: 20 },
  );
});

test.each(["tar", "busybox tar", "bsdtar"])("%s lists what was put in", (words) => {
  const [program = "", ...args] = words.split(" ");
  const archive = tarArchive([
    { type: "character", path: "dev/net/tun", mode: 0o666, major: 10, minor: 200 },
    { type: "block", path: "dev/loop0", mode: 0o660, gid: 6, major: 7, minor: 0 },
    { type: "directory", path: "run/user/1000", mode: 0o700, uid: 1000, gid: 100 },
    { type: "link", path: "dev/fd", target: "/proc/self/fd" },
    { type: "file", path: "etc/sudoers", mode: 0o440, content: "x\n".repeat(300) },
  ]);
  const { stdout, status } = spawnSync(program, [...args, "-tvf", "-"], { input: archive, encoding: "utf8" });
  const lines = stdout.split("\n").map((line) => line.replace(/\d{4}-\S+ \S+|Jan +\d+ +\d+/, "DATE"));
  expect(lines.map((line) => line.replaceAll(/\s+/g, " ")).join("\n")).toMatch(
    /^crw-rw-rw- .* (?:10, ?200|0) .*dev\/net\/tun\nbrw-rw---- .* (?:7, ?0|0) .*dev\/loop0\ndrwx------ .*1000.*100.*run\/user\/1000\/?\nlrwxrwxrwx .*dev\/fd -> \/proc\/self\/fd\n-r--r----- .* 600 .*etc\/sudoers\n$/,
  );
  expect(status).toBe(0);
});

test("nodes of modules.devname and of what is built in have udev's modes", () => {
  const devname =
    "# Device nodes to trigger on-demand module loading.\nfuse fuse c10:229\ntun net/tun c10:200\nloop loop-control c10:237\nx ../../etc/x c1:3\nppp_generic ppp c108:0\nx disk b7:0\n";
  const nodes = deviceNodes(devname, { CONFIG_KVM: "y", CONFIG_TUN: "m" }, (name) =>
    name === "disk" ? 6 : undefined,
  );
  expect(
    nodes.map(({ path, mode, gid, major, minor }) => [path, mode.toString(8), gid, major, minor]),
  ).toEqual([
    ["dev/fuse", "666", undefined, 10, 229],
    ["dev/net/tun", "666", undefined, 10, 200],
    ["dev/loop-control", "660", 6, 10, 237],
    ["dev/ppp", "600", undefined, 108, 0],
    ["dev/disk", "660", 6, 7, 0],
    ["dev/kvm", "660", undefined, 10, 232],
  ]);
  const loops = deviceNodes("", { CONFIG_BLK_DEV_LOOP: "y", CONFIG_BLK_DEV_LOOP_MIN_COUNT: "2" }, () => 6);
  expect(loops.map(({ path, type, mode, gid }) => [path, type, mode.toString(8), gid])).toEqual([
    ["dev/loop-control", "character", "660", 6],
    ["dev/loop0", "block", "660", 6],
    ["dev/loop1", "block", "660", 6],
  ]);
});

const quiet = { kernel: null, devname: "", init: "script" } as const;

test("the host's passwords are never the guest's", () => {
  const entries = furnitureEntries({ ...quiet, root: "/", programs: rootPrograms("/") });
  const shadow = entries.find(({ path }) => path === "etc/shadow");
  const content = shadow?.type === "file" ? shadow.content : "";
  expect(content).toMatch(/^root:\*:19000:/);
  const names = readFileSync("/etc/passwd", "utf8").trim().split("\n");
  expect(content.trim().split("\n")).toHaveLength(names.length);
  expect(content).toMatch(/^(?:[^:]+:\*:19000:0:99999:7:::\n)*$/);
});

test("a root without tar is furnished by programs, which make the same", () => {
  const root = madeUpRoot("x86_64");
  const programs = rootPrograms(root);
  const text = furniture({ ...quiet, devname: "fuse fuse c10:229\n", root, programs }).toString();
  expect(text).toMatch(/^vm_archive=''\nvm_furnish='mkdir -p /);
  expect(text).toContain("mknod -m 666");
  const target = temporaryDirectory();
  // Instead of the guest's root; only root makes nodes.
  const script = `${text}\neval "$vm_furnish"\n`
    .replaceAll("/../", `${target}/`)
    .replaceAll("mknod", ": mknod");
  expect(shell("dash", Buffer.from(script)).toString()).toBe("");
  const { stdout } = spawnSync("find", [target, "-printf", "%P %m %l\n"], { encoding: "utf8" });
  expect(stdout).toMatch(/^run\/lock 1777 $/m);
  expect(stdout).toMatch(/^run\/user\/0 700 $/m);
  expect(stdout).toMatch(/^dev\/stdin 777 \/proc\/self\/fd\/0$/m);
});

test("a user's runtime directory is that user's, and a root of one's own keeps its passwords", () => {
  const root = madeUpRoot("x86_64");
  mkdirSync(join(root, "etc"), { recursive: true });
  put(join(root, "etc/passwd"), "root:x:0:0::/root:/bin/sh\n");
  put(join(root, "etc/shadow"), "root:secret:1::::::\n");
  const user = { uid: 1000, gid: 100, groups: [] };
  const entries = furnitureEntries({ ...quiet, root, programs: rootPrograms(root), user });
  expect(entries).toContainEqual({
    type: "directory",
    path: "run/user/1000",
    mode: 0o700,
    uid: 1000,
    gid: 100,
  });
  expect(entries.some(({ path }) => path === "etc/shadow")).toBe(false);
});
