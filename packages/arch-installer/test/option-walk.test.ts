import { spawnSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildPackage } from "@vm/modules-mounter";
import { INSTALL_OPTIONS } from "../src/install-option.js";

const BIN = fileURLToPath(new URL("../bin/arch-install.cjs", import.meta.url));
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGFyY2gtaW5zdGFsbGVyIHRlc3Qga2V5Li4uLi4u me@here";

let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "arch-install-walk-"));
  writeFileSync(join(directory, "password"), "secret\n");
  writeFileSync(join(directory, "options.json"), '{"packages": ["tree"]}\n');
  const { path } = await buildPackage({ outputDirectory: directory, compression: "none" });
  renameSync(path, join(directory, "p.pkg.tar"));
});
afterAll(() => rmSync(directory, { recursive: true }));

function run(...words: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [BIN, ...words], { encoding: "utf8", cwd: directory });
}

/** Words with which the script is another. */
const honoured: Readonly<Record<string, readonly string[]>> = {
  hostname: ["--hostname", "other"],
  rootDev: ["--root-dev", "/dev/vdb"],
  fs: ["--fs", "xfs"],
  mkfsCmd: ["--mkfs-cmd", "mkfs.ext4 -q"],
  partitionTable: ["--partition-table", "gpt"],
  firmware: ["--firmware", "uefi"],
  bootloader: ["--bootloader", "none"],
  pacmanMirrors: ["--pacman-mirrors", "http://p.example/$repo"],
  httpProxy: ["--http-proxy", "http://10.0.2.2:3128"],
  proxyExcept: ["--http-proxy", "http://10.0.2.2:3128", "--proxy-except", "a.example"],
  packages: ["--packages", "htop"],
  packageFile: ["--no-modules-mounter", "--package-file", "p.pkg.tar"],
  development: ["--no-development"],
  xfstests: ["--no-xfstests"],
  modulesMounter: ["--no-modules-mounter"],
  locales: ["--locales", "de_DE.UTF-8"],
  timezone: ["--timezone", "Europe/Berlin"],
  rootPasswordFile: ["--root-password-file", "password"],
  rootPasswordHash: ["--root-password-hash", "$6$a$b"],
  user: ["--user", "me"],
  sshKey: ["--ssh-key", KEY],
  autologin: ["--autologin"],
  run: ["--run", "true"],
  yes: ["--yes"],
  config: ["--config", "options.json"],
};

/** Without the last option of a line of words: what that one adds to. */
const without: Readonly<Record<string, readonly string[]>> = {
  proxyExcept: ["--http-proxy", "http://10.0.2.2:3128"],
  packageFile: ["--no-modules-mounter"],
};

test("every option has an entry", () => {
  expect([...INSTALL_OPTIONS.map(({ key }) => key), "config"].toSorted()).toEqual(
    Object.keys(honoured).toSorted(),
  );
});

test("every option changes the script", () => {
  const base = ["--hostname", "testvm", "-n"];
  for (const [key, words] of Object.entries(honoured)) {
    const plain = run(...base, ...(without[key] ?? []));
    const given = run(...base, ...words);
    expect([key, plain.status, given.status, given.stderr]).toEqual([key, 0, 0, ""]);
    expect([key, given.stdout === plain.stdout]).toEqual([key, false]);
  }
});

test("an option that would do nothing is refused by its name", () => {
  const base = ["--hostname", "testvm", "-n"];
  for (const [words, flag] of [
    [["--log", "x"], "--log"],
    [["--fs", "xfs", "--mkfs-cmd", "mkfs.btrfs"], "fs"],
    [["--wrong"], "--wrong"],
    [["extra"], "arguments"],
  ] as const) {
    const ended = run(...base, ...words);
    expect([words, ended.status, ended.stdout]).toEqual([words, 2, ""]);
    expect(ended.stderr).toContain(flag);
  }
});
