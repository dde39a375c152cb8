import { existsSync, lstatSync, statSync } from "node:fs";
import { join } from "node:path";
import { codedError, execute, toScript, type Plan, type StepFailure } from "@vm/command-plan";
import {
  CONFIG_FILE,
  draftName,
  loadConfig,
  lockConfig,
  lockVm,
  ownIdentity,
  removeDeadDrafts,
  checkVmName,
  type ProcessIdentity,
  type VmConfig,
} from "@vm/vm-store";
import { vmHome } from "../guest/vm-config.js";
import type { Host } from "../host.js";
import { tellLongStep } from "../long-step.js";
import { checkWhole } from "./half-restored.js";
import { mendImages, needsMending } from "./in-place.js";

/** A VM that nobody else runs or changes. */
export interface ChangedVm {
  readonly home: string;
  readonly name: string;
  /** Absolute. */
  readonly directory: string;
  /** Who makes the change; undefined where it is a script that will. */
  readonly owner?: ProcessIdentity;
}

/** A change, and what it may be made of. */
export interface Change {
  readonly plan: PlanChange;
  /** What the VM may be in. `half-restored`: not set back to the end. `any`: also killed while an image was changed. Default: `whole`. */
  readonly state?: "any" | "half-restored" | "whole";
  /** `config`: only of its configuration, and what no run uses yet: the VM may run. Default: `all`. */
  readonly part?: "all" | "config";
}

/** What a change does to a VM; all that is wrong with it is thrown here, before anything is done. */
type PlanChange = (vm: ChangedVm, host: Host) => Promise<Plan> | Plan;

/**
 * Changes a VM: it is locked meanwhile, as for a run, so it neither runs nor is changed by another. What changes killed half-way left in the
 * home is removed first.
 * @throws what the plan throws; VM_NOT_FOUND, VM_RUNNING, VM_NOT_LOCKABLE, VM_HALF_RESTORED, QEMU_IMG_NOT_FOUND, VM_NOT_CHANGED,
 *   PLAN_INTERRUPTED
 */
export async function changeVm(name: string, { plan, state, part }: Change, host: Host): Promise<void> {
  const vm = { ...findVm(name, host), owner: ownIdentity() };
  const lock = part === "config" ? undefined : lockVm(vm.directory, { command: host.command });
  let unlock: (() => void) | undefined;
  try {
    unlock = lockConfig(vm.directory);
    if (part !== "config" && state !== "any") await mend(vm, host);
    if (state === undefined || state === "whole") checkWhole(vm.directory, name);
    removeDeadDrafts(vm.home);
    await carryOut(await plan(vm, host), name, host);
  } finally {
    unlock?.();
    lock?.end();
  }
}

/** The script that makes the change. It takes no lock: it is for a VM that does not run. */
export async function changeScript(name: string, { plan, state }: Change, host: Host): Promise<string> {
  const vm = findVm(name, host);
  if (state === undefined || state === "whole") checkWhole(vm.directory, name);
  return toScript(await plan(vm, host));
}

/** @throws VM_NAME_INVALID, VM_NOT_FOUND, CONFIG_NOT_FOUND: what has no configuration is something else's */
export function findVm(name: string, host: Host): ChangedVm {
  checkVmName(name);
  const home = vmHome(host);
  const directory = join(home, name);
  if (existsSync(join(directory, CONFIG_FILE))) return { home, name, directory };
  if (statSync(directory, { throwIfNoEntry: false }) === undefined) {
    throw codedError("VM_NOT_FOUND", `there is no VM named ${JSON.stringify(name)} in ${home}`, {
      hint: "vm list shows those that there are.",
    });
  }
  throw codedError("CONFIG_NOT_FOUND", `${directory} is no VM: it has no ${CONFIG_FILE}`, {
    hint: "It is left alone, as it may belong to another program.",
  });
}

/** The VM's configuration, which may be a program. @throws what `loadConfig` throws */
export function configOf({ home, name }: ChangedVm): Promise<VmConfig> {
  return loadConfig({ home, name });
}

/** @throws VM_NAME_INVALID, VM_EXISTS */
export function checkNewName(name: string, home: string): void {
  checkVmName(name);
  const path = join(home, name);
  // A dangling link is in the way, too.
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  throw codedError("VM_EXISTS", `there is already something named ${JSON.stringify(name)}: ${path}`, {
    hint: "Choose another name; nothing was changed.",
  });
}

/** Where a copy is put together, or what is removed keeps until then. Absolute. */
export function draftOf(kind: "copy" | "gone", name: string, { home, owner }: ChangedVm): string {
  return join(home, draftName(kind, name, owner));
}

async function mend(vm: ChangedVm, host: Host): Promise<void> {
  if (needsMending(vm.directory)) await mendImages(await configOf(vm), host);
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;
const wait = (): void => {};

/** A signal is passed on to the program that runs, and ends the plan after it, with what it was to remove removed. */
async function carryOut(plan: Plan, name: string, host: Host): Promise<void> {
  for (const signal of signals) process.on(signal, wait);
  try {
    const { failure, exitCode } = await execute(plan, { onLong: tellLongStep(host) });
    if (failure === undefined) return;
    const error = explain(failure, name);
    throw exitCode > 128 ? Object.assign(error, { exitCode }) : error;
  } finally {
    for (const signal of signals) process.off(signal, wait);
  }
}

function explain({ step, error }: StepFailure, name: string): Error {
  if (error.code === "PLAN_INTERRUPTED") return error;
  if (step.kind === "run" && step.argv[0] === "qemu-img" && error.code === "PROGRAM_NOT_FOUND") {
    return codedError("QEMU_IMG_NOT_FOUND", "qemu-img is not installed", {
      hint: "Install it: Debian's package qemu-utils, Fedora's qemu-img, Arch's qemu-img.",
      cause: error,
    });
  }
  return codedError("VM_NOT_CHANGED", `${name} was not changed: ${error.message}`, {
    ...(step.kind === "run" ? { hint: "Its own message stands above." } : {}),
    cause: error,
  });
}
