import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadConfig } from "@vm/vm-store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createVmHome, type VmHome } from "../guest/vm-home.js";

let vm: VmHome;
let root: string;

beforeAll(() => {
  vm = createVmHome();
  root = mkdtempSync(join(tmpdir(), "vm faults, "));
});

afterAll(() => {
  vm.remove();
  rmSync(root, { recursive: true, force: true });
});

const imagesOf = (directory: string): string[] =>
  readdirSync(directory).filter((name) => name.endsWith(".qcow2") && !name.startsWith("."));

/** The byte that the root disk begins with. Of a made VM it is the first of its name. */
function byteOf(image: string): number {
  const output = execFileSync("qemu-io", ["-r", "-c", "read -v 0 1", image], { encoding: "utf8" });
  return Number.parseInt(/^00000000: {2}([0-9a-f]{2})/m.exec(output)?.[1] ?? "", 16);
}

/** Images that were whole before, by their content: those that are still like one of them need no program to check them. */
type Known = ReadonlySet<string>;

function knownImages(home: string): Known {
  return new Set(
    readdirSync(home).flatMap((name) =>
      imagesOf(join(home, name)).map((image) => readFileSync(join(home, name, image), "latin1")),
    ),
  );
}

/** Everything that is named like a VM is one: its configuration loads, the images it names are whole, and what was on its disk is there. */
async function checkHome(home: string, known: Known): Promise<string[]> {
  const names = readdirSync(home).filter((name) => !name.startsWith("."));
  for (const name of names) {
    const { qemuOptions, directory } = await loadConfig({ home, name });
    const named = JSON.stringify(qemuOptions).match(/\w+\.qcow2/g) ?? [];
    expect(imagesOf(directory)).toEqual(expect.arrayContaining(named));
    for (const image of new Set(named)) {
      const path = join(directory, image);
      if (known.has(readFileSync(path, "latin1"))) continue;
      // What was killed while qemu-img changed an image is mended by the next command that uses the VM.
      if (existsSync(join(directory, ".changing"))) await mend(home, name);
      const { status, stdout, stderr } = spawnSync("qemu-img", ["check", "-q", path], { encoding: "utf8" });
      // 3: clusters that nothing uses: lost space, and nothing else.
      expect([name, image, status === 3 ? 0 : status, stdout, stderr]).toEqual([
        name,
        image,
        0,
        stdout,
        stderr,
      ]);
      expect([0, 1, 2]).toContain(byteOf(path));
    }
  }
  return names;
}

/** Any change does; one that qemu-img, which outlives its `vm`, is still at work on has to wait for its end. */
async function mend(home: string, name: string): Promise<void> {
  for (;;) {
    const [program, ...args] = vm.vm("snapshot", "create", name, `mended-${performance.now()}`);
    const { status, stderr } = spawnSync(program, args, {
      env: { ...process.env, ...vm.env, VM_HOME: home },
      encoding: "utf8",
    });
    if (status === 0) return;
    if (stderr.includes("was being set back")) {
      const [undo, ...words] = vm.vm("snapshot", "restore", name, "one");
      spawnSync(undo, words, { env: { ...process.env, ...vm.env, VM_HOME: home } });
      continue;
    }
    expect(stderr).toMatch(/lock/);
    await sleep(20);
  }
}

/** Starts a command and kills all of it, with what it has started, after a time; gives whether it had ended before. */
async function killAfter(words: readonly string[], home: string, delayMs: number): Promise<boolean> {
  const [program, ...args] = vm.vm(...words);
  const child = spawn(program, args, {
    env: { ...process.env, ...vm.env, VM_HOME: home },
    stdio: "ignore",
    cwd: root,
    detached: true,
  });
  const ended = once(child, "exit");
  await Promise.race([ended, sleep(delayMs)]);
  const isOver = child.exitCode !== null;
  try {
    process.kill(-(child.pid ?? 0), "SIGKILL");
  } catch {
    // Nothing is left of it.
  }
  await ended;
  return isOver;
}

/** Each in a home of its own, in turns. */
const commands: readonly (readonly string[])[] = [
  ["create", "New", "-s", "1M", "--disk", "1M"],
  ["import", "image.qcow2.xz", "New"],
  ["clone", "A", "New"],
  ["clone", "--linked", "A", "New"],
  ["rename", "A", "New"],
  ["rm", "--yes", "A"],
  ["resize", "A", "+1M"],
  ["snapshot", "create", "A", "two"],
  ["snapshot", "restore", "A", "one"],
  ["snapshot", "delete", "A", "one"],
  ["set", "A", "cpus=3", "memory=1G"],
  ["disk", "add", "A", "1M"],
  ["disk", "remove", "--yes", "A", "disk1.qcow2"],
];

/** A home with two VMs: A has two disks and a snapshot, B is linked to nothing. */
async function makeHome(home: string): Promise<void> {
  const run = async (...words: string[]): Promise<void> => {
    const { status, stderr } = await vm.run(...words);
    expect([words, status, stderr]).toEqual([words, 0, stderr]);
  };
  await run("create", "A", "-s", "1M", "--disk", "1M");
  await run("create", "B", "-s", "1M");
  const made = vm.env["VM_HOME"] ?? "";
  for (const name of ["A", "B"]) {
    execFileSync("qemu-io", ["-c", "write -q -P 1 0 64k", join(made, name, "root.qcow2")]);
  }
  // What an import is made of.
  const image = join(root, "image.qcow2");
  cpSync(join(made, "A/root.qcow2"), image);
  execFileSync("xz", [image]);
  await run("snapshot", "create", "A", "one");
  execFileSync("qemu-io", ["-c", "write -q -P 2 0 64k", join(made, "A/root.qcow2")]);
  cpSync(made, home, { recursive: true });
}

/** As many as the issue wants, over all commands. */
const killsEach = 26;

test("killed at any point, a command leaves every VM whole, as it was or as it was to be; the next one does its work", async () => {
  const model = join(root, "model");
  await makeHome(model);
  const known = knownImages(model);
  let kills = 0;
  for (const [at, words] of commands.entries()) {
    const home = join(root, `home${at}`);
    const fresh = (): void => {
      rmSync(home, { recursive: true, force: true });
      cpSync(model, home, { recursive: true });
    };
    fresh();
    const start = performance.now();
    expect([words, await killAfter(words, home, 60_000)]).toEqual([words, true]);
    const wholeMs = performance.now() - start;
    for (let round = 0; round < killsEach; round++) {
      fresh();
      // The first quarter is Node's own start.
      const delayMs = wholeMs * (0.25 + (0.85 * (round + 0.5)) / killsEach);
      if (!(await killAfter(words, home, delayMs))) kills++;
      const names = await checkHome(home, known);
      expect(names).toContain("B");
      // Of a VM that was made, copied, renamed or removed there is the old state or the new one.
      expect([words, names.includes("A") || names.includes("New") || words[0] === "rm"]).toEqual([
        words,
        true,
      ]);
    }
    // What is left of the last one is no hindrance.
    const again = await vm.run("set", "B", "cpus=2");
    expect(again).toMatchObject({ status: 0 });
    rmSync(home, { recursive: true, force: true });
  }
  expect(kills).toBeGreaterThan(0);
}, 600_000);
