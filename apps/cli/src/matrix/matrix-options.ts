import { guestEnvironment } from "@vm/guest-run";
import type { CellSettings } from "@vm/kernel-matrix";
import { parseMemoryMiB } from "@vm/qemu-argv";
import { readUserConfig } from "@vm/vm-store";
import type { CommandContext } from "../command-module.js";
import type { DryRun } from "../dry-run.js";
import { bootLimitMs } from "../run/boot-limit.js";
import {
  callingUser,
  directory,
  file,
  parseDuration,
  parseFailOn,
  readShares,
} from "../run/command-request.js";
import { readNetwork } from "../run/embedded-guest.js";
import { readPrivacy } from "../run/privacy.js";
import type { EmbeddedOptions } from "../run/run-options.js";
import { usageError } from "../usage-error.js";

/** The options of `vm test`, as commander hands them over. */
export interface MatrixOptions extends DryRun, EmbeddedOptions {
  readonly kernel?: readonly string[];
  readonly exec?: readonly string[];
  readonly append?: readonly string[];
  readonly accel?: string;
  readonly share?: string;
  readonly jobs?: string;
  readonly failFast?: true;
  readonly timeout?: string;
  readonly bootTimeout?: string;
  readonly failOn?: string;
  readonly report?: string;
  readonly junit?: string;
  readonly html?: string;
  readonly json?: true;
  readonly fragments?: string;
  readonly base?: string;
  readonly arch?: string;
  readonly busybox?: string;
}

/** What every guest of the matrix gets: the same that `vm run` with these options gives to its one. */
export function readCellSettings(options: MatrixOptions, context: CommandContext): CellSettings {
  const { env, cwd } = context;
  const { append = [], root, cpus, memory, user, timeout, bootTimeout, failOn } = options;
  const limitMs = bootLimitMs(bootTimeout);
  if (options.busybox !== undefined) file(options.busybox, "--busybox", cwd);
  return {
    guest: {
      shares: readShares(options, cwd),
      privacy: readPrivacy(options, context),
      kernelCmdline: append.join(" "),
      ...(root === undefined ? {} : { root: directory(root, "--root", cwd) }),
      ...(cpus === undefined ? {} : { cpus: parseCount(cpus, "-c") }),
      ...(memory === undefined ? {} : { memory }),
      network: readNetwork(options, readUserConfig({ env })),
    },
    command: {
      environment: guestEnvironment(env, root === undefined ? "host" : "foreign"),
      cwd,
      ...(user === true ? { user: callingUser() } : {}),
      ...(timeout === undefined ? {} : { timeoutMs: parseDuration(timeout, "--timeout") }),
      ...(limitMs === undefined ? {} : { bootTimeoutMs: limitMs }),
      ...(failOn === undefined ? {} : { failOn: parseFailOn(failOn) }),
    },
  };
}

/** CPUs and memory of a guest, in MiB. */
export function guestSize({ guest }: CellSettings): { guestCpus: number; guestMemoryMiB: number } {
  return { guestCpus: guest.cpus ?? 1, guestMemoryMiB: parseMemoryMiB(guest.memory ?? "1G") };
}

/** The same options as words for `vm run`. */
export function runWords(options: MatrixOptions): string[] {
  const {
    append = [],
    accel,
    share,
    timeout,
    bootTimeout,
    failOn,
    root,
    ro = [],
    rw = [],
    expose = [],
  } = options;
  const { user, cpus, memory, network, busybox, fragments, base, arch } = options;
  const valued: readonly (readonly [flag: string, value: string | undefined])[] = [
    ...append.map((parameter) => ["-a", parameter] as const),
    ["--accel", accel],
    ["--share", share],
    ["--timeout", timeout],
    ["--boot-timeout", bootTimeout],
    ["--fail-on", failOn],
    ["--root", root],
    ...ro.map((path) => ["--ro", path] as const),
    ...rw.map((path) => ["--rw", path] as const),
    ...expose.map((path) => ["--expose", path] as const),
    ["-c", cpus],
    ["-m", memory],
    ["--network", network],
    ["--busybox", busybox],
    ["--fragments", fragments],
    ["--base", base],
    ["--arch", arch],
  ];
  return [
    ...valued.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value])),
    ...(user === true ? ["--user"] : []),
  ];
}

/** A number from 1 on. */
export function parseCount(text: string, option: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count >= 1) return count;
  throw usageError(`${option}: expected a number from 1 on, got '${text}'`);
}
