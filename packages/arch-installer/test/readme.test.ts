import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseProgress, readInstallation } from "../src/index.js";
import { SSH_KEY } from "./installation.js";

const README = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const BIN = fileURLToPath(new URL("../bin/arch-install.cjs", import.meta.url));

function block(language: string): string {
  const found = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(README)?.[1];
  if (found === undefined) throw new Error(`there is no ${language} in the README`);
  return found;
}

test("the README's commands print what it says", () => {
  const directory = mkdtempSync(join(tmpdir(), "arch-installer-"));
  try {
    mkdirSync(join(directory, "bin"));
    symlinkSync(BIN, join(directory, "bin/arch-install"));
    const example = block("console");
    const commands = Array.from(example.matchAll(/^\$ (?:npx )?(.*)$/gm), ([, command = ""]) => command);
    const { stdout, stderr } = spawnSync("bash", ["-ec", commands.join("\n")], {
      encoding: "utf8",
      cwd: directory,
      env: { ...process.env, PATH: `${directory}/bin:${process.env["PATH"] ?? ""}` },
    });
    expect({ stdout, stderr }).toEqual({ stdout: example.replaceAll(/^\$ .*\n/gm, ""), stderr: "" });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("the README's configuration can be installed, and its progress can be read", async () => {
  const directory = mkdtempSync(join(tmpdir(), "arch-installer-"));
  try {
    writeFileSync(join(directory, "vm.json"), block("json"));
    writeFileSync(join(directory, "id_ed25519.pub"), `${SSH_KEY}\n`);
    const installation = await readInstallation({ config: "vm.json" }, { cwd: directory });
    expect(installation).toMatchObject({ hostname: "testvm", partitionTable: "gpt", sshKeys: [SSH_KEY] });
  } finally {
    rmSync(directory, { recursive: true });
  }
  const kinds = block("text")
    .trimEnd()
    .split("\n")
    .map((line) => parseProgress(line)?.kind);
  expect(kinds).toEqual(["section", "failed", "done"]);
});
