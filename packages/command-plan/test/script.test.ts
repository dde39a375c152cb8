import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { type Plan, toScript } from "../src/index.js";
import { plan } from "./arbitrary.js";

const sandbox = fs.mkdtempSync(`${os.tmpdir()}/command-plan-script-`);
afterAll(() => fs.rmSync(sandbox, { recursive: true, force: true }));

function words(plain: string, more: readonly string[]): [string, ...string[]] {
  const [program = "", ...args] = plain.split(" ");
  return [program, ...args, ...more];
}

/** shellcheck knows what some programs are for: those get a name that it does not know. */
function withoutOpinions(steps: Plan): Plan {
  return steps.map((step) =>
    (step.kind === "run" || step.kind === "exec") && /^ln$|\n|\/$/.test(step.argv[0])
      ? { ...step, argv: ["program", ...step.argv.slice(1)] }
      : step,
  );
}

/** As a person meets it: what creating and running a VM amounts to. */
const example: Plan = [
  { kind: "comment", text: "The VM is made beside its place, then moved there." },
  { kind: "make-directory", path: "/home/me/linux/vm", parents: true },
  { kind: "make-directory", path: "/home/me/linux/vm/.TestVM.new", mode: 0o755 },
  { kind: "change-directory", path: "/home/me/linux/vm/.TestVM.new" },
  { kind: "write-file", path: "vm.mjs", content: 'export const kernelCmdline = ["root=/dev/vda1"];\n' },
  { kind: "write-file", path: "key", content: "no newline at the end", mode: 0o600 },
  { kind: "write-file", path: "magic", content: Uint8Array.of(0x51, 0x46, 0x49, 0xfb, 0, 10, 65) },
  { kind: "run", argv: ["qemu-img", "create", "-q", "-f", "qcow2", "root.qcow2", "16G"] },
  { kind: "run", argv: ["sfdisk", "root.qcow2"], input: "label: gpt\n,,L\n" },
  { kind: "run", argv: ["echo", "It's done"] },
  { kind: "rename", from: "../.TestVM.new", to: "../TestVM" },
  { kind: "remove", path: "key" },
  { kind: "remove", path: "/tmp/old", recursive: true },
  {
    kind: "exec",
    argv: words(
      "qemu-system-x86_64 -nodefaults -m 2G -drive file=root.qcow2,if=none,id=root -device virtio-blk-pci,drive=root",
      ["-append", "console=ttyS0 root=/dev/vda1", "disk.img"],
    ),
  },
];

test("a script reads like one that a person wrote", async () => {
  await expect(toScript(example)).toMatchFileSnapshot("golden/example.sh");
});

test("shellcheck has nothing to say about generated scripts", () => {
  const plans = fc.sample(plan.map(withoutOpinions), { numRuns: 250, seed: 1 });
  const files = [example, [], ...plans].map((steps, index) => {
    const file = `${sandbox}/${index}.sh`;
    fs.writeFileSync(file, toScript(steps));
    return file;
  });
  const { stdout, stderr } = spawnSync("shellcheck", ["-s", "sh", "-f", "gcc", ...files], {
    encoding: "utf8",
  });
  expect(stdout + stderr).toBe("");
});

test("the script runs from a pipe, its programs do not eat it, and half of it does nothing", () => {
  const cwd = fs.mkdtempSync(`${sandbox}/pipe-`);
  const script = toScript([
    { kind: "write-file", path: "made", content: "" },
    { kind: "run", argv: ["cat"] },
    { kind: "run", argv: ["sh", "-c", "exit 5"] },
  ]);
  const half = spawnSync("sh", { cwd, input: script.slice(0, script.lastIndexOf("}")) });
  expect(half.status).not.toBe(0);
  expect(fs.readdirSync(cwd)).toEqual([]);
  expect(spawnSync("sh", { cwd, input: script }).status).toBe(5);
  expect(fs.readdirSync(cwd)).toEqual(["made"]);
});

const interactive = ["bash --norc -i", "bash --norc --posix -i", "dash -i", "busybox sh -i"];

test.each(interactive)("pasted at a terminal, the plan runs and leaves the shell as it was: %s", (shell) => {
  const cwd = fs.mkdtempSync(`${sandbox}/paste-`);
  fs.mkdirSync(`${cwd}/inside`);
  fs.writeFileSync(`${cwd}/old`, "old");
  const content = "history !! and !$ 'quotes' \\\n#comment ~\nEOF\n";
  const script = toScript([
    { kind: "comment", text: "A comment with a quote's and a bang!x" },
    { kind: "change-directory", path: "inside" },
    { kind: "write-file", path: "../old", content },
    { kind: "run", argv: ["touch", "it's !here"] },
    { kind: "exec", argv: ["sh", "-c", "exit 6"] },
  ]);
  // `script` gives the shell a terminal of its own; `set -C` is the option that people have and scripts forget.
  const pasted = `set -C\n${script}echo "status=$?" > report\npwd > where\nexit\n`;
  const { status } = spawnSync("script", ["-qec", shell, "/dev/null"], {
    cwd,
    input: pasted,
    env: { ...process.env, HISTFILE: "/dev/null", PS1: "$ ", TERM: "dumb" },
  });
  expect(status).toBe(0);
  expect(fs.readFileSync(`${cwd}/report`, "utf8")).toBe("status=6\n");
  expect(fs.readFileSync(`${cwd}/where`, "utf8")).toBe(`${cwd}\n`);
  expect(fs.readFileSync(`${cwd}/old`, "utf8")).toBe(content);
  expect(fs.readdirSync(`${cwd}/inside`)).toEqual(["it's !here"]);
});

test("run as a file, exec leaves no shell behind: a signal to the script reaches the program", async () => {
  const file = `${sandbox}/exec.sh`;
  fs.writeFileSync(
    file,
    toScript([
      { kind: "exec", argv: ["sh", "-c", 'trap "exit 9" TERM; echo $$; while :; do sleep 0.1; done'] },
    ]),
  );
  const child = spawn("sh", [file], { stdio: ["ignore", "pipe", "inherit"] });
  const pid = await new Promise<string>((resolve) =>
    child.stdout.once("data", (data) => resolve(String(data).trim())),
  );
  expect(pid).toBe(String(child.pid));
  const exit = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  expect(await exit).toBe(9);
});
