import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createVmHome, type VmHome } from "../guest/vm-home.js";

/* A home that is full, or cannot be written: in a mount namespace of its own. */

let vm: VmHome;
let root: string;

beforeAll(async () => {
  vm = createVmHome();
  root = mkdtempSync(join(tmpdir(), "vm full, "));
  const run = async (...words: string[]): Promise<void> => {
    const { status, stderr } = await vm.run(...words);
    expect([words, status, stderr]).toEqual([words, 0, stderr]);
  };
  await run("create", "A", "-s", "4M", "--disk", "1M");
  const disk = join(vm.env["VM_HOME"] ?? "", "A/root.qcow2");
  execFileSync("qemu-io", ["-c", "write -q -P 1 0 1M", disk]);
  execFileSync("qemu-img", ["convert", "-O", "raw", disk, join(root, "image.raw")]);
  await run("snapshot", "create", "A", "one");
  execFileSync("qemu-io", ["-c", "write -q -P 2 0 1M", disk]);
});

afterAll(() => {
  vm.remove();
  rmSync(root, { recursive: true, force: true });
});

/** What fills a file system, or what it cannot be written for; `$1`: the home. */
const states = {
  full: 'dd if=/dev/zero of="$1/.filler" bs=1k 2>/dev/null; rm -f "$1/.gone"; [ "$(df --output=avail "$1" | tail -n 1)" -eq 0 ]',
  "read-only": 'mount -o remount,ro "$1"',
} as const;

/** Says how a command ended in such a home, and then, in the home made writable again, what is there and whether it is whole. */
const script = `
set -e
home=$1; model=$2; state=$3; shift 3
mount -t tmpfs -o size=8m,mode=700 tmpfs "$home"
cp -a "$model/." "$home/"
sh -c "$state" sh "$home"
code=0; VM_HOME=$home "$@" >/dev/null 2>"$home.said" </dev/null || code=$?
echo "$code"
mount -o remount,rw,size=32m "$home"
rm -f "$home/.filler"
for vm in "$home"/*/; do
  for image in "$vm"*.qcow2; do qemu-img check -q "$image" >&2 || [ $? -eq 3 ]; done
done
ls "$home"
qemu-io -r -c 'read -v 0 1' "$home"/*/root.qcow2 2>/dev/null | grep ^00000000
qemu-img snapshot -l "$home"/*/root.qcow2 | grep -c ' one '
`;

const commands: readonly (readonly string[])[] = [
  ["create", "New", "-s", "1M"],
  ["import", "IMAGE", "New"],
  ["clone", "A", "New"],
  ["clone", "--linked", "A", "New"],
  ["rename", "A", "New"],
  ["rm", "--yes", "A"],
  ["resize", "A", "+64G"],
  ["snapshot", "create", "A", "two"],
  ["set", "A", "cpus=3"],
  ["disk", "add", "A", "1M"],
  ["disk", "remove", "--yes", "A", "disk1.qcow2"],
];

test.each(Object.entries(states))(
  "in a home that is %s a command does all of its work, or fails and leaves the VM whole",
  (name, state) => {
    const ends = commands.map((words, index) => {
      const home = join(root, `${name}-${index}`);
      mkdirSync(home);
      const argv = vm.vm(...words.map((word) => (word === "IMAGE" ? join(root, "image.raw") : word)));
      const model = vm.env["VM_HOME"] ?? "";
      const { status, stdout, stderr } = spawnSync(
        "unshare",
        ["--mount", "--map-root-user", "sh", "-c", script, "sh", home, model, state, ...argv],
        { encoding: "utf8", env: { ...process.env, ...vm.env } },
      );
      return { words, status, lines: stdout.trim().split("\n"), stderr };
    });
    const faults = ends.filter(({ words, status, lines: [code, ...left] }) => {
      const isDone = code === "0";
      if (words[0] === "rm" && isDone) return left.length > 1;
      const names = left.slice(0, -2);
      const isOld = names.join() === "A";
      // Of a VM there is the one with its disk as it was, or as it was to be.
      return status !== 0 || (!isDone && !isOld) || !(left.at(-2) ?? "").startsWith("00000000:  02");
    });
    expect(faults).toEqual([]);
    // What needs no room is done on a full disk: it is how room is made.
    const done = ends.filter(({ lines }) => lines[0] === "0").map(({ words }) => words[0]);
    expect(done).toEqual(name === "full" ? ["rename", "rm"] : []);
  },
  300_000,
);
