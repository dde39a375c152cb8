import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { buildSync } from "esbuild";
import { expect, test } from "vitest";
import { scratchDirectory } from "./scratch.js";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The first block of that language in the README. */
function block(language: string): string {
  return README.split(`\`\`\`${language}\n`)[1]?.split("```")[0] ?? "";
}

test("the README's example prints what the README says", () => {
  const directory = scratchDirectory();
  const [command = "", ...output] = block("console").split("\n");
  const [, program = "", iso = ""] = /^\$ node (\S+) (\S+)$/.exec(command) ?? [];
  const files = {
    "arch/boot/x86_64/vmlinuz-linux": "",
    "arch/boot/x86_64/initramfs-linux.img": "",
    "loader/entries/01.conf": `linux /arch/boot/x86_64/vmlinuz-linux
initrd /arch/boot/x86_64/initramfs-linux.img
options archisobasedir=arch archisosearchuuid=2026-11-01-12-00-00-00
`,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, "image", name)), { recursive: true });
    writeFileSync(join(directory, "image", name), text);
  }
  const words = ["-as", "mkisofs", "-quiet", "-R", "-o", join(directory, iso), join(directory, "image")];
  execFileSync("xorriso", words, { stdio: "ignore" });
  const { outputFiles } = buildSync({
    stdin: { contents: block("js"), resolveDir: new URL(".", import.meta.url).pathname },
    bundle: true,
    conditions: ["@vm/source"],
    platform: "node",
    format: "esm",
    // cross-spawn, which execa brings, is CommonJS.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    write: false,
  });
  writeFileSync(join(directory, program), outputFiles[0]?.contents ?? "");
  const { stdout } = spawnSync(process.execPath, [program, iso], { cwd: directory, encoding: "utf8" });
  expect(stdout).toBe(output.join("\n"));
});
