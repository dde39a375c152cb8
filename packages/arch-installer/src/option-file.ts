import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { codedError, errorCode } from "@vm/command-plan";
import { readRegular } from "@vm/host-files";
import type { InstallOptions } from "./install-options.js";
import { checkSshKey } from "./installation-check.js";
import type { LocalPackage } from "./installation.js";
import { checkOptions, invalid } from "./option-check.js";
import { readPackageInfo } from "./package-info.js";

/** A configuration file, and the directory that its paths are below. */
export interface ReadConfig {
  readonly options: InstallOptions;
  readonly directory: string;
}

/** @throws `INSTALL_OPTION_INVALID`, `INSTALL_FILE_UNREADABLE` */
export function readConfig(path: string): ReadConfig {
  return { options: checkOptions(parseJson(readText(path), path), path), directory: dirname(path) };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(`${path}: not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      hint: 'The file holds one object, such as {"hostname": "testvm"}.',
      cause,
    });
  }
}

/** The keys in a file of public keys; a text that begins like a key is one itself. */
export function readSshKeys(given: string, directory: string): string[] {
  if (/^(ssh-|ecdsa-|sk-)\S+ \S/.test(given)) {
    checkSshKey(given, "sshKey");
    return [given];
  }
  const path = resolve(directory, given);
  const keys = readText(path)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (keys.length === 0) throw invalid(`${path}: there is no key in it`);
  for (const key of keys) checkSshKey(key, path);
  return keys;
}

/** The first line; more lines are refused, since it is not clear what they would mean. */
export function readRootPassword(path: string): string {
  const password = readText(path).replace(/\r?\n$/, "");
  if (/[\r\n]/.test(password)) throw invalid(`${path}: expected one line with root's password, found more`);
  if (password === "") throw invalid(`${path}: there is no password in it`);
  return password;
}

/** @throws `INSTALL_FILE_UNREADABLE`, and what `readPackageInfo` throws */
export async function readLocalPackage(path: string): Promise<LocalPackage> {
  return {
    fileName: basename(path),
    content: readable(path, () => readRegular(path)),
    info: await readPackageInfo(path),
  };
}

/** A pipe as well (`<(pass show vm)`): then it waits for whoever writes it. */
function readText(path: string): string {
  return readable(path, () => {
    const fd = openSync(path, "r");
    try {
      if (fstatSync(fd).isBlockDevice()) throw new Error("a block device where a text is expected");
      return readAll(fd).toString("utf8");
    } finally {
      closeSync(fd);
    }
  });
}

/** No device has an end. */
function readAll(fd: number): Buffer {
  const text = Buffer.alloc(MAX_TEXT_BYTES + 1);
  for (let length = 0; ;) {
    const count = readSync(fd, text, length, text.length - length, null);
    length += count;
    if (length > MAX_TEXT_BYTES) throw new Error("it is longer than 1 MiB");
    if (count === 0) return text.subarray(0, length);
  }
}

/** Of keys, a password, a configuration. */
const MAX_TEXT_BYTES = 1 << 20;

function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const { [String(errorCode(cause))]: known } = REASONS;
    const reason = known ?? (cause instanceof Error ? cause.message : String(cause));
    throw codedError("INSTALL_FILE_UNREADABLE", `${path}: cannot be read: ${reason}`, {
      hint: "Give the path of a file that you may read.",
      cause,
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a directory",
  ENOENT: "there is no such file",
};
