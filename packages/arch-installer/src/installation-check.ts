import { CONTROL_CHARACTERS } from "./control-character.js";
import { INSTALL_OPTIONS, type InstallOption } from "./install-option.js";
import type { Installation, LocalPackage, RootPassword } from "./installation.js";
import { findLocale, localesLike } from "./locale.js";
import { checkOption, invalid } from "./option-check.js";
import { packageIdentity, parsePackageInfo } from "./package-info.js";

const options: ReadonlyMap<string, InstallOption> = new Map(
  INSTALL_OPTIONS.map((option) => [option.key, option]),
);

/** Keys of an installation that say the same as an option of another name. */
const RENAMED: readonly (readonly [key: keyof Installation, option: string])[] = [
  ["users", "user"],
  ["commands", "run"],
];

const CONTROL = new RegExp(`[${CONTROL_CHARACTERS}]`, "u");
/** Options of sshd(8) may stand before the type of the key; its text ends the part that matters. */
const KEY = /^([^\n]*\s)?(ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/]+={0,3}( [^\n]*)?$/u;
/** See PKGBUILD(5); a database has 155 bytes for both. */
const PACKAGE_NAME = /^[A-Za-z0-9@_+][A-Za-z0-9@._+-]{0,79}$/;
const PACKAGE_VERSION = /^[A-Za-z0-9._+:~^]{1,60}-[0-9.]{1,10}$/;
const PACKAGE_FILE = /^[A-Za-z0-9@_+][A-Za-z0-9@._+:-]*\.pkg\.tar(\.[a-z0-9]+)?$/;

/**
 * Refuses what cannot be installed, by name: nothing that gets through can break the script or a file that it writes.
 * @throws `INSTALL_OPTION_INVALID`
 */
export function checkInstallation(installation: Installation): void {
  for (const [key, value] of Object.entries(installation)) {
    const option = options.get(key);
    if (option !== undefined && value !== undefined) checkOption(option, value, key);
  }
  for (const [key, name] of RENAMED) {
    const option = options.get(name);
    if (option !== undefined) checkOption(option, installation[key], key);
  }
  checkUsers(installation);
  for (const key of installation.sshKeys) checkSshKey(key, "sshKeys");
  checkLocalPackages(installation.localPackages);
  checkRootPassword(installation.rootPassword);
  if (installation.pacmanMirrors.length === 0) throw invalid("pacmanMirrors: expected at least one mirror");
  checkLocales(installation.locales);
  if (installation.bootloader === "none" && installation.firmware !== "bios") {
    throw invalid("firmware: without a boot loader no firmware boots the disk", {
      hint: "Leave out --firmware or --bootloader none.",
    });
  }
}

function checkUsers({ users, autologin, xfstests }: Installation): void {
  const taken = ["root", ...(xfstests ? ["fsgqa"] : [])];
  for (const [index, user] of users.entries()) {
    if (taken.includes(user)) throw invalid(`users[${index}]: the installation has a user ${user} anyway`);
    if (users.indexOf(user) !== index) throw invalid(`users[${index}]: ${user} is there twice`);
  }
  if (autologin !== undefined && autologin !== "root" && !users.includes(autologin)) {
    throw invalid(`autologin: there is no user ${autologin}`, { hint: `Add --user ${autologin}.` });
  }
}

/** @throws `INSTALL_OPTION_INVALID` when the text is no public key */
export function checkSshKey(key: string, name: string): void {
  if (KEY.test(key) && !CONTROL.test(key)) return;
  const hint = key.includes("PRIVATE KEY")
    ? "This is the private key: name the file that ends in .pub."
    : "A key looks like: ssh-ed25519 AAAA... me@host";
  throw invalid(`${name}: expected a public key of OpenSSH, got ${JSON.stringify(key.slice(0, 30))}`, {
    hint,
  });
}

function checkLocales(locales: readonly string[]): void {
  if (locales.length === 0) throw invalid("locales: expected at least one locale");
  for (const [index, name] of locales.entries()) {
    if (findLocale(name)?.name === name) continue;
    const like = localesLike(name);
    throw invalid(`locales[${index}]: there is no locale ${name}`, {
      hint:
        like.length === 0
          ? "The file /etc/locale.gen of an Arch Linux lists all that there are, such as en_US.UTF-8."
          : `Did you mean ${like.join(" or ")}?`,
    });
  }
}

function checkLocalPackages(localPackages: readonly LocalPackage[]): void {
  const names = new Set<string>();
  for (const localPackage of localPackages) {
    const { fileName } = localPackage;
    if (!PACKAGE_FILE.test(fileName)) {
      throw invalid(
        `localPackages: expected a name such as x-1-1-any.pkg.tar.zst, got ${JSON.stringify(fileName)}`,
      );
    }
    const { name, version } = packageIdentity(localPackage);
    if (!PACKAGE_NAME.test(name) || !PACKAGE_VERSION.test(version)) {
      throw invalid(`localPackages: ${fileName}: expected a .PKGINFO with a name and a version`);
    }
    for (const [key, values] of parsePackageInfo(localPackage.info)) {
      if (values.some((value) => CONTROL.test(value))) {
        throw invalid(`localPackages: ${fileName}: ${key} of its .PKGINFO holds a control character`);
      }
    }
    if (names.has(name)) throw invalid(`localPackages: ${fileName}: there is another package ${name}`);
    names.add(name);
  }
}

function checkRootPassword(rootPassword: RootPassword): void {
  switch (rootPassword.kind) {
    case "plain":
      if (rootPassword.password === "") throw invalid("rootPassword: it is empty");
      if (CONTROL.test(rootPassword.password)) {
        throw invalid("rootPassword: it holds a control character, such as a newline, that nobody can type");
      }
      return;
    case "hash": {
      const option = options.get("rootPasswordHash");
      if (option !== undefined) checkOption(option, rootPassword.hash, "rootPassword");
      return;
    }
    case "ask":
    case "locked":
      return;
    default:
      rootPassword satisfies never;
  }
}
