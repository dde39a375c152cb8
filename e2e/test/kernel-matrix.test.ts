import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { noProcessNames } from "../guest/processes.js";
import { openTerminal, shellWords } from "../guest/terminal.js";
import { createVmHome, runProgram, type VmHome } from "../guest/vm-home.js";

let home: VmHome;
let kernel: KernelFixture;

beforeAll(async () => {
  kernel = await kernelFixture();
  home = createVmHome();
  symlinkSync(kernel.build, join(home.directory, "good"));
  makeBrokenTree(join(home.directory, "broken"));
  for (const [file, content] of Object.entries(tests)) writeFileSync(join(home.directory, file), content);
});

afterAll(() => home.remove());

const tests = {
  // Another interpreter, bytes that are no UTF-8, and both outputs.
  "script.awk": Buffer.concat([
    Buffer.from('#!/usr/bin/awk -f\nBEGIN { print "out of awk '),
    Buffer.from([0xff, 0x1b]),
    Buffer.from('"; print "err of awk" > "/dev/stderr"; exit 3 }\n'),
  ]),
  // Output passes through pipes in the guest, where a panic in the same moment would leave it (docs/guest-contract.md).
  "panic.sh": "echo 'dying <here>' >&2\nsleep 1\necho c >/proc/sysrq-trigger\nsleep 600\n",
};

/** The kernel's tree as far as a run looks at it, with an image that is none. */
function makeBrokenTree(tree: string): void {
  for (const file of [
    ".config",
    "include/config/auto.conf",
    "include/config/kernel.release",
    "modules.order",
  ]) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    copyFileSync(join(kernel.build, file), join(tree, file));
  }
  mkdirSync(join(tree, "arch/x86/boot"), { recursive: true });
  writeFileSync(join(tree, "arch/x86/boot/bzImage"), "this is no kernel\n".repeat(1000));
}

interface Report {
  readonly passed: boolean;
  readonly counts: { readonly [verdict: string]: number };
  readonly stoppedBy: number | null;
  readonly cells: readonly {
    readonly kernel: string;
    readonly test: string;
    readonly verdict: string;
    readonly reason: string;
    readonly run: {
      readonly outcome: { readonly kind: string };
      readonly release: string | null;
      readonly argv: readonly string[];
      readonly stdout: { readonly text: string };
      readonly stderr: { readonly text: string };
      readonly console: readonly string[];
    } | null;
  }[];
}

function readReport(file: string): Report {
  const report: Report = JSON.parse(readFileSync(join(home.directory, file), "utf8"));
  return report;
}

test("vm test runs every command on every kernel in guests of their own, and reports what each came to", async () => {
  const kernels = ["good", "broken"].flatMap((name) => ["-k", name]);
  const reports = ["--report", "r.json", "--junit", "r.xml", "--html", "r.html"];
  const args = ["test", ...kernels, "--exec", "uname -r", "script.awk", "panic.sh", ...reports];
  const { status, stdout, stderr } = await runProgram(home.vm(...args, "-j", "2", "--accel", "tcg"), {
    env: home.env,
    cwd: home.directory,
  });
  expect(stdout).toMatch(
    /^KERNEL +uname -r +script\.awk +panic\.sh\ngood +passed .*s +FAILED .*s +FAILED .*s\nbroken /,
  );
  expect(stdout).toContain("at most 2 guests at once");
  expect(stderr).toMatch(/^\[\d\/6\] passed {2}good · uname -r \(/m);
  expect(stderr).toMatch(
    /^\[\d\/6\] FAILED {2}good · panic\.sh \(.*\): kernel panic: sysrq triggered crash$/m,
  );
  expect(status).toBe(1);

  const { cells, counts, passed } = readReport("r.json");
  expect({ counts, passed }).toEqual({
    counts: { passed: 1, flaky: 0, xfail: 0, failed: 2, error: 3, skipped: 0 },
    passed: false,
  });
  const [uname, awk, panic, ...broken] = cells;
  expect(uname?.run).toMatchObject({ release: kernel.release, stdout: { text: `${kernel.release}\n` } });
  expect(awk).toMatchObject({
    reason: "exited with status 3",
    run: { stdout: { text: "out of awk \ufffd\u001b\n" }, stderr: { text: "err of awk\n" } },
  });
  expect(panic?.run).toMatchObject({ outcome: { kind: "panicked" }, stderr: { text: "dying <here>\n" } });
  expect(panic?.run?.console).toContainEqual(
    expect.stringMatching(/Kernel panic - not syncing: sysrq triggered crash$/),
  );
  for (const cell of broken) {
    expect(cell).toMatchObject({
      verdict: "error",
      reason: expect.stringContaining("bzImage"),
      run: null,
    });
  }
  // A guest shares with another one what can only be read.
  const paths = cells.flatMap(
    ({ run }) => run?.argv.filter((word) => /(?:server|listen|hostfwd)/.test(word)) ?? [],
  );
  expect(paths).toEqual([]);

  const junit = readFileSync(join(home.directory, "r.xml"), "utf8");
  expect(junit).toContain('tests="6" failures="2" errors="3"');
  const schema = join(import.meta.dirname, "../../packages/kernel-matrix/test/report/junit.xsd");
  const lint = await runProgram(["xmllint", "--noout", "--nonet", "--schema", schema, "-"], { input: junit });
  expect(lint).toMatchObject({ status: 0 });
  const html = readFileSync(join(home.directory, "r.html"), "utf8");
  expect(html).toContain("1 of 6 tests passed");
  expect(html).toContain("dying &lt;here&gt;");
  await noProcessNames(home.directory);
});

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

test("on a terminal the progress is drawn in place; Ctrl-C ends the guests, and the terminal is as it was", async () => {
  const args = [
    "test",
    "-k",
    "good",
    "--exec",
    "sleep 600",
    "--exec",
    "true",
    "-j",
    "1",
    "--report",
    "stopped.json",
  ];
  const command = shellWords(home.vm(...args, "--accel", "tcg"));
  const terminal = openTerminal(
    `trap : INT; stty -a >before; ${command}; status=$?; stty -a >after; exit $status`,
    {
      env: { ...home.env, TERM: "xterm" },
      cwd: home.directory,
    },
  );
  try {
    await terminal.waitFor(HIDE_CURSOR);
    await terminal.waitFor(/0\/2: 0 passed[^]* good · sleep 600/);
    // Redrawn in place: up two lines, and all below cleared.
    await terminal.waitFor("\r\u001b[2A\u001b[J");
    terminal.write("\u0003");
    await terminal.waitFor(SHOW_CURSOR);
    await terminal.waitFor(/0 passed, 2 skipped of 2 in .* \(stopped by signal 2\)/);
    expect(await terminal.ended).toBe(130);
    const output = terminal.output();
    expect(output.lastIndexOf(HIDE_CURSOR)).toBeLessThan(output.lastIndexOf(SHOW_CURSOR));
  } finally {
    await terminal.close();
  }
  const state = (file: string): string => readFileSync(join(home.directory, file), "utf8");
  expect(state("after")).toBe(state("before"));
  expect(readReport("stopped.json")).toMatchObject({ stoppedBy: 2, counts: { skipped: 2 } });
  await noProcessNames(home.directory);
});
