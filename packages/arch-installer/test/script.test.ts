import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type Installation, renderScript } from "../src/index.js";
import { installation } from "./arbitrary.js";
import { fullInstallation, plainInstallation, SSH_KEY } from "./installation.js";

/** Beside its default checks: a failure that a command substitution hides, and `which`. */
const STRICT =
  "--enable=check-extra-masked-returns,deprecate-which,quote-safe-variables,check-unassigned-uppercase";

function shellcheck(files: readonly string[]): string {
  return spawnSync("shellcheck", [STRICT, "--format=gcc", ...files], { encoding: "utf8" }).stdout;
}

test.each<[name: string, installation: Installation]>([
  ["plain", plainInstallation],
  [
    "host-kernels-only",
    {
      ...plainInstallation,
      bootloader: "none",
      development: false,
      xfstests: false,
      rootPassword: { kind: "locked" },
      sshKeys: [SSH_KEY],
      wipe: "always",
    },
  ],
  ["everything", fullInstallation],
])("the script of the installation %s is the one that people have read", async (name, given) => {
  const file = new URL(`golden/${name}.sh`, import.meta.url).pathname;
  await expect(renderScript(given)).toMatchFileSnapshot(file);
  expect(shellcheck([file])).toBe("");
});

// 340 s were seen on a busy machine: shellcheck thinks about 25 long scripts.
test("whatever is asked for, shellcheck finds nothing and bash can read it", { timeout: 1_200_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), "arch-installer-"));
  try {
    const files = fc.sample(installation, 25).map((given, index) => {
      const file = join(directory, `${index}.sh`);
      writeFileSync(file, renderScript(given));
      return file;
    });
    expect(shellcheck(files)).toBe("");
    for (const file of files) expect(spawnSync("bash", ["-n", file], { encoding: "utf8" }).stderr).toBe("");
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("the same installation gives the same bytes", () => {
  fc.assert(
    fc.property(installation, (given) => {
      expect(renderScript(structuredClone(given))).toBe(renderScript(given));
    }),
    { numRuns: 20 },
  );
});

test.each<[what: string, change: Partial<Installation>, message: string]>([
  ["a host name with a newline", { hostname: "a\nreboot" }, "hostname: expected letters"],
  ["a host name with a final newline", { hostname: "a\n" }, "hostname: expected letters"],
  ["a host name with a quote", { hostname: "it's" }, "hostname: expected letters"],
  ["a device that is none", { rootDev: "/tmp/disk" }, "rootDev: expected a device"],
  ["a device with a command", { rootDev: "/dev/vda;id" }, "rootDev: expected a device"],
  ["a mirror that is no URL", { pacmanMirrors: ["mirror"] }, "pacmanMirrors[0]: expected a URL"],
  ["a mirror with a newline", { pacmanMirrors: ["http://a/\nServer = http://b"] }, "pacmanMirrors[0]"],
  ["no mirror", { pacmanMirrors: [] }, "pacmanMirrors: expected at least one"],
  ["a package that is an option", { packages: ["--config=x"] }, "packages[0]: expected the name"],
  ["a locale with a pattern", { locales: ["en.*"] }, "locales[0]: expected a locale"],
  [
    "a locale that there is not",
    { locales: ["C", "xx_XX.UTF-8"] },
    "locales[1]: there is no locale xx_XX.UTF-8",
  ],
  ["a locale of another spelling", { locales: ["en_US.utf8"] }, "locales[0]: there is no locale en_US.utf8"],
  ["a time zone outside", { timezone: "../../etc/passwd" }, "timezone: expected a time zone"],
  ["a user with a colon", { users: ["a:b"] }, "users[0]: expected a user name"],
  ["a user who is there anyway", { users: ["fsgqa"] }, "users[0]: the installation has a user fsgqa"],
  ["a user twice", { users: ["me", "me"] }, "users[1]: me is there twice"],
  ["the login of nobody", { autologin: "you" }, "autologin: there is no user you"],
  [
    "a password with a newline",
    { rootPassword: { kind: "plain", password: "a\nb:c" } },
    "rootPassword: it holds a control",
  ],
  ["an empty password", { rootPassword: { kind: "plain", password: "" } }, "rootPassword: it is empty"],
  ["a hash that is none", { rootPassword: { kind: "hash", hash: "x:y" } }, "rootPassword: expected a hash"],
  ["a key that is none", { sshKeys: ["hello"] }, "sshKeys: expected a public key"],
  ["two keys in one", { sshKeys: [`${SSH_KEY}\n${SSH_KEY}`] }, "sshKeys: expected a public key"],
  ["a private key", { sshKeys: ["-----BEGIN OPENSSH PRIVATE KEY-----"] }, "sshKeys: expected a public key"],
  [
    "a package of another name",
    { localPackages: [{ fileName: "../x.pkg.tar", content: Buffer.of(), info: "" }] },
    "localPackages: expected a name such as",
  ],
  [
    "a package that does not say its name",
    { localPackages: [{ fileName: "x-1-1-any.pkg.tar", content: Buffer.of(), info: "pkgver = 1-1\n" }] },
    "localPackages: x-1-1-any.pkg.tar: expected a .PKGINFO",
  ],
  [
    "a package that speaks to the terminal",
    {
      localPackages: [
        {
          fileName: "x-1-1-any.pkg.tar",
          content: Buffer.of(),
          info: "pkgname = x\npkgver = 1-1\npkgdesc = \u001b[2J\n",
        },
      ],
    },
    "localPackages: x-1-1-any.pkg.tar: pkgdesc of its .PKGINFO holds a control character",
  ],
  [
    "a package twice",
    { localPackages: [...fullInstallation.localPackages, ...fullInstallation.localPackages] },
    "there is another package hello",
  ],
  ["a shell's command as mkfs", { mkfsCmd: "mkfs.ext4 -L $(id)" }, "mkfsCmd: $ means something to a shell"],
  ["an unfinished quote", { mkfsCmd: "mkfs.ext4 -L 'a" }, "mkfsCmd: ' means something to a shell"],
  ["UEFI without a boot loader", { bootloader: "none", firmware: "uefi" }, "firmware: without a boot loader"],
  ["a command of nothing", { commands: [" "] }, "commands[0]: expected a shell command"],
])("%s is refused by name", (_, change, message) => {
  const given = { ...plainInstallation, ...change };
  const error = captureError(() => renderScript(given));
  expect(error).toMatchObject({ code: "INSTALL_OPTION_INVALID" });
  expect(error.message).toContain(message);
});

function captureError(action: () => unknown): Error {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("nothing was thrown");
}
