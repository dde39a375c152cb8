import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { kernelFixture } from "../fixtures/kernel.mjs";
import { createVmHome } from "../guest/vm-home.js";

/** `vm run --exec` with a file as its standard input, as a shell's `<` gives it. */
async function runWithInput(
  path: string,
  command: string,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const { build } = await kernelFixture();
  const home = createVmHome();
  const input = openSync(path, "r");
  try {
    const [program, ...args] = home.vm("run", "-k", build, "--exec", command);
    return spawnSync(program, args, {
      stdio: [input, "pipe", "pipe"],
      encoding: "utf8",
      env: { ...process.env, ...home.env },
    });
  } finally {
    closeSync(input);
    home.remove();
  }
}

test("a disk as the standard input arrives whole", async () => {
  const directory = mkdtempSync(join(tmpdir(), "vm-input-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const image = join(directory, "image");
  const content = Array.from({ length: 40_000 }, (_, index) => `${index}`.padStart(7))
    .join("\n")
    .padEnd(512 * 1024, "\n");
  writeFileSync(image, content);
  const loop = execFileSync("losetup", ["--find", "--show", "--read-only", image], {
    encoding: "utf8",
  }).trim();
  onTestFinished(() => void execFileSync("losetup", ["--detach", loop]));
  const expected = execFileSync("sha256sum", { input: content, encoding: "utf8" });
  expect(await runWithInput(loop, "sha256sum")).toMatchObject({ status: 0, stdout: expected });
}, 120_000);

test("a directory as the standard input is an error, as everywhere, and no empty input", async () => {
  expect(await runWithInput(tmpdir(), "cat")).toMatchObject({
    status: 249,
    stdout: "",
    stderr: expect.stringContaining("standard input is a directory"),
  });
});
