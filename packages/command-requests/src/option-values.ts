import { parseAcceleratorRequest, type AcceleratorRequest } from "@vm/guest-run";
import type { ComplaintKind, GdbEndpoint, GuestNetwork, Share } from "@vm/guest-run";
import type { ShareRequest } from "@vm/kernel-build";
import {
  complaintKinds,
  isComplaintKind,
  isGuestPath,
  type MachineSettings,
  type RevisionBuild,
} from "@vm/operations";
import { checkMemory } from "@vm/vm-store";
import type { GitKernelOptions } from "./run/run-options.js";
import { usageError } from "./usage-error.js";

/** `--accel`. */
export function parseAccelerator(text: string): AcceleratorRequest {
  return parseAcceleratorRequest(text, "--accel");
}

/** The value of `--fail-on`: kinds between commas. */
export function parseFailOn(text: string): ComplaintKind[] {
  return text.split(",").map((word) => {
    if (isComplaintKind(word)) return word;
    throw usageError(
      `--fail-on: '${word}' is no complaint of the kernel`,
      `Known are ${complaintKinds.join(", ")}.`,
    );
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

/** `--boot-timeout`: a time or `none`. */
export function parseBootTimeout(text: string): number | "none" {
  return text === "none" ? text : parseDuration(text, "--boot-timeout");
}

/** The directories of `--ro`, `--rw` and `--share DIR:GUESTPATH`. */
export function parseShares({
  ro = [],
  rw = [],
  share = [],
}: {
  readonly ro?: readonly string[];
  readonly rw?: readonly string[];
  readonly share?: readonly string[];
}): Share[] {
  return [
    ...share.filter(isDirectoryShare).map(directoryShare),
    ...ro.map((path): Share => ({ path, access: "read-only" })),
    ...rw.map((path): Share => ({ path, access: "read-write" })),
  ];
}

/** Whether a value of `--share` names a directory; else it is a way. */
export function isDirectoryShare(text: string): boolean {
  return text.includes(":");
}

function directoryShare(text: string): Share {
  const [, path = "", target = "", access = "ro"] = /^(.+?):(\/[^:]*)(?::(ro|rw))?$/s.exec(text) ?? [];
  const place = target.length > 1 ? target.replace(/\/+$/, "") : target;
  if (path !== "" && isGuestPath(place))
    return { path, target: place, access: access === "rw" ? "read-write" : "read-only" };
  throw usageError(
    `--share: expected DIRECTORY:GUESTPATH or DIRECTORY:GUESTPATH:rw, got '${text}'`,
    "The guest's path is absolute, and none of /, /proc, /sys and /dev: --share ./data:/mnt/data",
  );
}

/** The way among the values of `--share`; undefined where there is none. */
export function parseShareRequest(values: readonly string[] = []): ShareRequest | undefined {
  const [text, another] = values.filter((value) => !isDirectoryShare(value));
  if (text === undefined) return undefined;
  if (another !== undefined) throw usageError(`--share: ${text} and ${another} are two different ways`);
  if (text === "9p" || text === "virtiofs" || text === "auto") return text;
  throw usageError(`--share: expected 9p, virtiofs, auto or DIRECTORY:GUESTPATH, got '${text}'`);
}

/** The values of `--env`: `NAME=VALUE`, or `NAME` for that of the caller's own environment. */
export function parseEnvironment(
  values: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    values.map((text): [string, string] => {
      const [, name, value] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(text) ?? [];
      if (name === undefined) {
        throw usageError(
          `--env: expected NAME or NAME=VALUE, got '${text}'`,
          "A name has letters, digits and underscores.",
        );
      }
      const passed = value ?? env[name];
      if (passed !== undefined) return [name, passed];
      throw usageError(`--env: there is no variable ${name} here`, `Give it a value: --env ${name}=VALUE`);
    }),
  );
}

const networks = ["none", "user", "isolated"] as const;

/** The value of `--network`. */
export function parseNetwork(text: string): GuestNetwork {
  const known = networks.find((name) => name === text);
  if (known !== undefined) return known;
  throw usageError(`--network: expected ${networks.join(", ")}, got '${text}'`);
}

const keptGuests = ["shell", "gdb", "dump"] as const;

/** The value of `--on-fail`. */
export function parseOnFail(text: string): (typeof keptGuests)[number] {
  const known = keptGuests.find((name) => name === text);
  if (known !== undefined) return known;
  throw usageError(`--on-fail: expected ${keptGuests.join(", ")}, got '${text}'`);
}

/** `-c` and `-m`. */
export function parseMachine({
  cpus,
  memory,
}: {
  readonly cpus?: string;
  readonly memory?: string;
}): Pick<MachineSettings, "cpus" | "memory"> {
  // Before QEMU, whose words for an absurd amount are about sizes that it does not know.
  if (memory !== undefined) checkMemory(memory);
  return {
    ...(cpus === undefined ? {} : { cpus: parseCount(cpus, "-c") }),
    ...(memory === undefined ? {} : { memory }),
  };
}

/** A number from 1 on. */
export function parseCount(text: string, option: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count >= 1) return count;
  throw usageError(`${option}: expected a number from 1 on, got '${text}'`);
}

/** How `git:REVISION` is built; undefined where nothing is said. */
export function parseRevisionBuild({
  jobs,
  fragments,
  base,
  arch,
}: GitKernelOptions): RevisionBuild | undefined {
  if (jobs === undefined && fragments === undefined && base === undefined && arch === undefined)
    return undefined;
  return {
    ...(jobs === undefined ? {} : { jobs: parseCount(jobs, "-j") }),
    ...(fragments === undefined ? {} : { fragments: fragments.split(",").filter((name) => name !== "") }),
    ...(base === undefined ? {} : { base }),
    ...(arch === undefined ? {} : { arch }),
  };
}

/** Where `--gdb WHERE` listens; undefined: where the guest has a place for it. */
export function parseGdbEndpoint(where: string | true | undefined): GdbEndpoint | undefined {
  if (where === undefined || where === true) return undefined;
  if (where.includes("/")) return { kind: "socket", path: where };
  const port = Number(where);
  if (/^\d+$/.test(where) && port >= 1 && port <= 65_535) return { kind: "port", port };
  throw usageError(
    `--gdb: expected a port, or a path with a slash, got '${where}'`,
    "Without a place it stands last, or in front of another option: vm run NAME -k KERNEL --gdb",
  );
}
