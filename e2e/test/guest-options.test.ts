import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findQemu } from "@vm/guest-run";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { openTerminal, shellWords } from "../guest/terminal.js";
import { createVmHome, runProgram, type VmHome } from "../guest/vm-home.js";

let kernel: KernelFixture;
let home: VmHome;
let work: string;

beforeAll(async () => {
  kernel = await kernelFixture();
  home = createVmHome();
  work = mkdtempSync(join(tmpdir(), "vm, options-"));
});

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
  home.remove();
});

test("variables, directories at other paths, and another QEMU: vm run and vm test", async () => {
  for (const name of ["data: in", "out"]) mkdirSync(join(work, name));
  writeFileSync(join(work, "data: in", "file"), "the host's\n");
  symlinkSync(findQemu({ arch: "x86_64" }), join(work, "my-qemu"));
  const options = [
    "--env",
    "WORDS=a 'b'\n$c",
    "--env",
    "EMPTY=",
    "--env",
    "TOLD",
    "--env",
    "LANG=C.UTF-8",
    "--share",
    "./data: in:/mnt/made here/data",
    "--share",
    "./out:/srv/out:rw",
    "--qemu",
    "./my-qemu",
  ];
  const command = `
    printf '%s|%s|%s|%s\\n' "$WORDS" "\${EMPTY-none}" "$TOLD" "$LANG"
    cat "/mnt/made here/data/file"
    echo x 2>/dev/null > "/mnt/made here/data/new" || echo read-only
    echo "from $TOLD" > /srv/out/answer
  `;
  const env = { ...home.env, TOLD: "by the caller", LANG: "C" };
  const words = ["-k", kernel.build, ...options, "--exec", command];
  const ran = await runProgram(home.vm("run", "--verbose", ...words), { cwd: work, env });
  expect(ran).toMatchObject({
    status: 0,
    stdout: "a 'b'\n$c||by the caller|C.UTF-8\nthe host's\nread-only\n",
  });
  const answer = join(work, "out/answer");
  expect(readFileSync(answer, "utf8")).toBe("from by the caller\n");
  rmSync(answer);
  // --verbose: the QEMU that ran, behind what the guest said; --quiet: nothing but what the command said, here nothing.
  expect(ran.stderr).toMatch(/^vm: \d+\.\d{3} s: .*\/my-qemu'? .* -kernel /m);
  const tested = await runProgram(home.vm("test", "--quiet", ...words, "--json"), { cwd: work, env });
  expect(tested).toMatchObject({ status: 0, stderr: "" });
  expect(existsSync(answer)).toBe(true);
});

test("what vm.config.json of a tree says holds for the run: parameters, memory, a directory to write, what is a failure", async () => {
  const tree = join(work, "tree");
  mkdirSync(join(tree, "made"), { recursive: true });
  const config = { parameters: ["told=yes"], memory: "640M", rw: ["made"], failOn: ["warn"] };
  writeFileSync(join(tree, "vm.config.json"), JSON.stringify(config));
  const command = `
    grep -o told=yes /proc/cmdline
    while read -r name size _; do [ "$name" != MemTotal: ] || [ "$size" -gt 655360 ] || echo small; done </proc/meminfo
    echo done >"${tree}/made/answer"
    echo 'WARNING: CPU: 0 PID: 1 at kernel/x.c:1 f+0x1/0x2' >/dev/kmsg
  `;
  const ran = await runProgram(home.vm("run", "-k", kernel.build, "--exec", command), {
    cwd: join(tree, "made"),
    env: home.env,
  });
  expect(ran).toMatchObject({ status: 251, stdout: "told=yes\nsmall\n" });
  expect(readFileSync(join(tree, "made/answer"), "utf8")).toBe("done\n");
});

test.each([
  ["the embedded guest", []],
  ["a VM with a disk", ["Shelled"]],
])(
  "--shell in %s: a shell in the same guest when the command has ended, and the run's status is the command's",
  async (_, name) => {
    for (const each of name) {
      expect(await home.run("create", each, "-m", "1G", "-s", "2G")).toMatchObject({ status: 0 });
      await home.putGuest(each);
    }
    const command = "echo kept > /tmp/kept; exit 7";
    const vm = home.vm("run", ...name, "-k", kernel.build, "--exec", command, "--shell");
    const terminal = openTerminal(`exec ${shellWords(vm)}`, {
      cwd: work,
      env: { ...home.env, HOME: work, SHELL: "/bin/sh" },
    });
    try {
      await terminal.waitFor("the command ended with status 7");
      await terminal.waitFor(`(${kernel.release}) `);
      terminal.write('echo "it is $(cat /tmp/kept)"; tty\r');
      await terminal.waitFor("it is kept");
      await terminal.waitFor("/dev/hvc0");
      terminal.write("exit 0\r");
      expect(await terminal.ended).toBe(7);
    } finally {
      await terminal.close();
    }
  },
);
