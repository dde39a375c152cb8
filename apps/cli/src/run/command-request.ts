import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { CommandUser, ComplaintKind, Share } from "@vm/guest-run";
import { usageError } from "../usage-error.js";
import type { EmbeddedOptions } from "./run-options.js";

const complaintKinds: Readonly<Record<ComplaintKind, true>> = {
  panic: true,
  oops: true,
  bug: true,
  warn: true,
  kasan: true,
  ubsan: true,
  kcsan: true,
  kmemleak: true,
  lockdep: true,
  softlockup: true,
  hardlockup: true,
  hungtask: true,
  rcustall: true,
  taint: true,
};

function isComplaintKind(word: string): word is ComplaintKind {
  return Object.hasOwn(complaintKinds, word);
}

/** The value of `--fail-on`: kinds between commas. */
export function parseFailOn(text: string): ComplaintKind[] {
  return text.split(",").map((word) => {
    if (isComplaintKind(word)) return word;
    const known = Object.keys(complaintKinds).join(", ");
    throw usageError(`--fail-on: '${word}' is no complaint of the kernel`, `Known are ${known}.`);
  });
}

const unitMs: Readonly<Record<string, number>> = { "": 1000, s: 1000, m: 60_000, h: 3_600_000 };

/** A time as for timeout(1), in milliseconds: seconds, or a number with s, m or h behind it. */
export function parseDuration(text: string, option: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text) ?? [];
  const ms = Number(number) * (unitMs[unit ?? ""] ?? Number.NaN);
  if (ms > 0 && ms <= 0x7fff_ffff) return ms;
  throw usageError(`${option}: expected a time such as 30 (seconds), 90s or 5m, got '${text}'`);
}

/** The directories of `--ro` and `--rw`, absolute. */
export function readShares({ ro = [], rw = [] }: EmbeddedOptions, cwd: string): Share[] {
  return [
    ...ro.map((path): Share => ({ path: directory(path, "--ro", cwd), access: "read-only" })),
    ...rw.map((path): Share => ({ path: directory(path, "--rw", cwd), access: "read-write" })),
  ];
}

/** The path of an existing directory that an option names, absolute. */
export function directory(path: string, option: string, cwd: string): string {
  const absolute = resolve(cwd, path);
  if (statSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true) return absolute;
  throw usageError(`${option}: there is no directory ${absolute}`);
}

/** The path of an existing file that an option names, absolute: whether it will be needed or not. */
export function file(path: string, option: string, cwd: string): string {
  const absolute = resolve(cwd, path);
  if (statSync(absolute, { throwIfNoEntry: false })?.isFile() === true) return absolute;
  throw usageError(`${option}: there is no file ${absolute}`);
}

/** The person who runs us, for `--user`. */
export function callingUser(): CommandUser {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, groups: process.getgroups?.() ?? [] };
}
