import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type InstallArguments, type Installation, readInstallation } from "../src/index.js";
import { SSH_KEY } from "./installation.js";

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "arch-installer-"));
});

afterEach(() => rmSync(cwd, { recursive: true }));

function read(given: InstallArguments): Promise<Installation> {
  return readInstallation(given, { cwd });
}

test("a host name is enough", async () => {
  const { localPackages, ...rest } = await read({ hostname: "testvm" });
  expect(rest).toEqual({
    hostname: "testvm",
    rootDev: "/dev/vda",
    partitionTable: "mbr",
    firmware: "bios",
    bootloader: "grub",
    fs: "ext4",
    pacmanMirrors: ["https://geo.mirror.pkgbuild.com/$repo/os/$arch"],
    packages: [],
    development: true,
    xfstests: true,
    locales: ["en_US.UTF-8"],
    timezone: "UTC",
    rootPassword: { kind: "ask" },
    users: [],
    sshKeys: [],
    commands: [],
    wipe: "ask",
  });
  expect(localPackages.map(({ fileName }) => fileName)).toEqual([
    expect.stringMatching(/^vm-modules-mounter-.*-any\.pkg\.tar\.gz$/),
  ]);
});

test("without a host name it says how to give one", async () => {
  await expect(read({})).rejects.toMatchObject({
    code: "INSTALL_OPTION_INVALID",
    message: "hostname: it is missing",
    hint: expect.stringContaining("--hostname"),
  });
});

test("the command line goes before the file, which goes before the defaults", async () => {
  const config = { $schema: "x", hostname: "fromfile", fs: "xfs", xfstests: false, locales: ["C.UTF-8"] };
  writeFileSync(join(cwd, "vm.json"), JSON.stringify(config));
  const installation = await read({ config: "vm.json", hostname: "testvm", fs: "btrfs" });
  expect(installation).toMatchObject({
    hostname: "testvm",
    fs: "btrfs",
    xfstests: false,
    locales: ["C.UTF-8"],
    timezone: "UTC",
  });
});

test("paths in a file are below its directory, those of the command line below the current one", async () => {
  mkdirSync(join(cwd, "etc"));
  writeFileSync(join(cwd, "etc/key.pub"), `# mine\n${SSH_KEY}\n\n${SSH_KEY} two\n`);
  writeFileSync(join(cwd, "etc/vm.json"), JSON.stringify({ hostname: "a", sshKey: ["key.pub"] }));
  expect((await read({ config: "etc/vm.json" })).sshKeys).toEqual([SSH_KEY, `${SSH_KEY} two`]);
  await expect(read({ config: "etc/vm.json", sshKey: ["key.pub"] })).rejects.toMatchObject({
    code: "INSTALL_FILE_UNREADABLE",
    message: expect.stringContaining(join(cwd, "key.pub")),
  });
});

test("a key may be given itself, and then no password is asked for", async () => {
  const { sshKeys, rootPassword } = await read({ hostname: "a", sshKey: [SSH_KEY] });
  expect(sshKeys).toEqual([SSH_KEY]);
  expect(rootPassword).toEqual({ kind: "locked" });
});

test("the password comes from a file's only line, or as a hash", async () => {
  writeFileSync(join(cwd, "password"), "it's a $ecret \n");
  const fromFile = await read({ hostname: "a", rootPasswordFile: "password", sshKey: [SSH_KEY] });
  expect(fromFile.rootPassword).toEqual({ kind: "plain", password: "it's a $ecret " });
  const hashed = await read({ hostname: "a", rootPasswordHash: "$6$salt$hash" });
  expect(hashed.rootPassword).toEqual({ kind: "hash", hash: "$6$salt$hash" });
  await expect(
    read({ hostname: "a", rootPasswordFile: "password", rootPasswordHash: "$6$salt$hash" }),
  ).rejects.toMatchObject({ message: expect.stringContaining("rootPasswordFile") });
  writeFileSync(join(cwd, "password"), "a\nb\n");
  await expect(read({ hostname: "a", rootPasswordFile: "password" })).rejects.toMatchObject({
    message: expect.stringContaining("expected one line"),
  });
});

test("the private key in place of the public one is noticed", async () => {
  writeFileSync(
    join(cwd, "id"),
    "-----BEGIN OPENSSH PRIVATE KEY-----\nxyz\n-----END OPENSSH PRIVATE KEY-----\n",
  );
  await expect(read({ hostname: "a", sshKey: ["id"] })).rejects.toMatchObject({
    hint: expect.stringContaining(".pub"),
  });
});

test("packages are read from files, with or without our own", async () => {
  const info = "pkgname = x\npkgver = 1-1\n";
  writeFileSync(join(cwd, ".PKGINFO"), info);
  execFileSync("bsdtar", ["--zstd", "-cf", "x-1-1-any.pkg.tar.zst", ".PKGINFO"], { cwd });
  const { localPackages } = await read({
    hostname: "a",
    packageFile: ["x-1-1-any.pkg.tar.zst"],
    modulesMounter: false,
  });
  const content = readFileSync(join(cwd, "x-1-1-any.pkg.tar.zst"));
  expect(localPackages).toEqual([{ fileName: "x-1-1-any.pkg.tar.zst", content, info }]);
});

test("a file that is no package is refused", async () => {
  writeFileSync(join(cwd, "x-1-1-any.pkg.tar.zst"), "content");
  await expect(read({ hostname: "a", packageFile: ["x-1-1-any.pkg.tar.zst"] })).rejects.toMatchObject({
    code: "INSTALL_OPTION_INVALID",
    message: expect.stringContaining("found no .PKGINFO in it"),
  });
});

test("UEFI means GPT, and a mkfs command says the file system", async () => {
  expect(await read({ hostname: "a", firmware: "uefi" })).toMatchObject({ partitionTable: "gpt" });
  expect(await read({ hostname: "a", firmware: "both", partitionTable: "mbr" })).toMatchObject({
    partitionTable: "mbr",
  });
  expect(await read({ hostname: "a", mkfsCmd: "mkfs.xfs -m reflink=0" })).toMatchObject({ fs: "xfs" });
  expect(await read({ hostname: "a", autologin: true })).toMatchObject({ autologin: "root" });
});

test.each<[what: string, text: string, message: string]>([
  ["what is no JSON", "{", "vm.json: not JSON"],
  ["a list", "[]", "vm.json: expected an object of options, got []"],
  ["an unknown option", '{"hostnam": "a"}', 'vm.json: there is no option "hostnam"'],
  ["a number for a string", '{"hostname": 1}', "vm.json: hostname: expected a string, got 1"],
  ["a string for a list", '{"locales": "C"}', 'vm.json: locales: expected a list, got "C"'],
  ["a wrong choice", '{"fs": "ext3"}', 'vm.json: fs: expected ext4, btrfs, xfs, got "ext3"'],
  [
    "a wrong part of a list",
    '{"packages": ["a", "-b"]}',
    "vm.json: packages[1]: expected the name of a package",
  ],
  ["yes as a word", '{"yes": "yes"}', "vm.json: yes: expected true or false"],
])("in a configuration file, %s is named", async (_, text, message) => {
  writeFileSync(join(cwd, "vm.json"), text);
  await expect(read({ config: "vm.json" })).rejects.toMatchObject({
    code: "INSTALL_OPTION_INVALID",
    message: expect.stringContaining(message),
  });
});
