import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { kernelFixture } from "../fixtures/kernel.mjs";
import { createVmHome, runProgram } from "../guest/vm-home.js";

/** It is a step of this bisection. */
const EXAMPLE = fileURLToPath(new URL("../../examples/bisect-module.sh", import.meta.url));
const VM = fileURLToPath(new URL("../../apps/cli/bin/vm.cjs", import.meta.url));
const HELLO = fileURLToPath(new URL("../../modules/hello", import.meta.url));

test("git bisect run with vm run --bisect ends on the commit that broke the module", async () => {
  const { build } = await kernelFixture();
  const home = createVmHome();
  const repository = mkdtempSync(join(tmpdir(), "vm-bisect-"));
  const bin = join(home.directory, "bin");
  mkdirSync(bin);
  symlinkSync(VM, join(bin, "vm"));
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", repository, "-c", "user.name=a", "-c", "user.email=b", ...args], {
      encoding: "utf8",
    });
  try {
    cpSync(HELLO, repository, { recursive: true });
    const source = readFileSync(join(repository, "hello.c"), "utf8");
    const broken = source.replace(
      "static int __init hello_init(void)\n{",
      "static int __init hello_init(void)\n{\n\tread_nowhere();",
    );
    const unbuildable = `${source}\nthis is no C\n`;
    // What is in each commit: good until the fifth, with one in between that cannot be built, and one after it.
    const commits = [source, source, unbuildable, source, broken, broken, unbuildable, broken, broken];
    git("init", "-q", "-b", "main");
    const hashes = commits.map((content, index) => {
      writeFileSync(join(repository, "hello.c"), `/* ${index} */\n${content}`);
      git("add", "hello.c", "Makefile", ".gitignore");
      git("commit", "-q", "-m", `commit ${index}`);
      return git("rev-parse", "HEAD").trim();
    });
    git("bisect", "start", hashes.at(-1) ?? "", hashes[0] ?? "");
    const { status, stdout } = await runProgram(["git", "bisect", "run", EXAMPLE], {
      cwd: repository,
      env: { ...home.env, PATH: `${bin}:${process.env.PATH ?? ""}`, KERNEL: build, MODULE: "hello" },
    });
    expect(stdout).toContain(`${hashes[4]} is the first bad commit`);
    expect(status).toBe(0);
    const log = git("bisect", "log");
    expect(log).toMatch(/^git bisect skip/m);
  } finally {
    home.remove();
    rmSync(repository, { recursive: true, force: true });
  }
});
