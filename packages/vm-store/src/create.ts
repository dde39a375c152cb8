import { lstatSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ExecuteOptions, Plan, StepFailure } from "@vm/command-plan";
import { codedError, execute } from "@vm/command-plan";
import { isDirectory } from "@vm/host-files";
import type { NewVm } from "./create-plan.js";
import { planCreate } from "./create-plan.js";
import { ownIdentity, type ProcessIdentity } from "./process-identity.js";
import { findCreator, removeLeftovers, ROOT_DISK } from "./temporary-directory.js";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const;

const wait = (): void => {};

/**
 * Creates a VM: all of it, or nothing. An existing VM is never touched. What a creation left that was killed half-way is
 * removed first. SIGINT, SIGTERM, SIGHUP and SIGQUIT end it with everything cleared away; the error's `exitCode` is then
 * 128 + N for signal N.
 * @throws what `planCreate` throws; VM_EXISTS, QEMU_IMG_NOT_FOUND, DISK_NOT_CREATED, IMAGE_NOT_IMPORTED, VM_NOT_CREATED, PLAN_INTERRUPTED
 */
export async function createVm(vm: NewVm, options: Pick<ExecuteOptions, "onLong"> = {}): Promise<void> {
  const owner = ownIdentity();
  const plan = planCreate(vm, owner);
  // What a signal would leave behind is not clear at once: it is passed on to qemu-img and ends the plan.
  for (const signal of SIGNALS) process.on(signal, wait);
  try {
    removeLeftovers({ home: vm.home, name: vm.name, self: owner });
    if (exists(join(vm.home, vm.name))) throw vmExists(vm);
    await executeOrUndo(vm, plan, options);
  } finally {
    for (const signal of SIGNALS) process.off(signal, wait);
  }
}

/**
 * Makes ready for a creation that goes by `planCreation`: removes what earlier ones left, and says who we are.
 * @throws VM_EXISTS; VM_BEING_CREATED while another process works on it
 */
export function beginCreation({ home, name }: Pick<NewVm, "home" | "name">): ProcessIdentity {
  const self = ownIdentity();
  removeLeftovers({ home, name, self });
  if (exists(join(home, name))) throw vmExists({ home, name });
  refuseSecond({ home, name });
  return self;
}

/** @throws VM_BEING_CREATED */
export function refuseSecond({ home, name }: Pick<NewVm, "home" | "name">): void {
  const creator = findCreator({ home, name });
  if (creator === undefined) return;
  throw codedError("VM_BEING_CREATED", `${JSON.stringify(name)} is being created by the process ${creator}`, {
    hint: "Wait for its end, or choose another name; nothing was changed.",
  });
}

async function executeOrUndo(vm: NewVm, plan: Plan, options: Pick<ExecuteOptions, "onLong">): Promise<void> {
  const missing = missingDirectories(vm.home);
  const { failure, exitCode } = await execute(plan, options);
  if (failure === undefined) return;
  removeIfEmpty(missing);
  const error = explain(vm, failure);
  // 128 + N: signal N, which a shell wants to see as such.
  throw exitCode > 128 ? Object.assign(error, { exitCode }) : error;
}

/** The home and those above it that do not exist yet, the innermost first. */
function missingDirectories(home: string): string[] {
  const missing: string[] = [];
  for (let path = home; !exists(path) && path !== dirname(path); path = dirname(path)) missing.push(path);
  return missing;
}

function removeIfEmpty(directories: readonly string[]): void {
  try {
    for (const directory of directories) rmdirSync(directory);
  } catch {
    // Not empty, or never made: then it stays as it is.
  }
}

/** A dangling symbolic link is in the way, too. */
function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    // Not to be seen from here: the plan's own step will say why.
    return false;
  }
}

function vmExists({ home, name }: Pick<NewVm, "home" | "name">): Error {
  const path = join(home, name);
  const isVm = isDirectory(path);
  return isVm
    ? codedError("VM_EXISTS", `there is already a VM named ${JSON.stringify(name)}: ${path}`, {
        hint: "Choose another name; nothing was changed.",
      })
    : codedError("VM_EXISTS", `${path} exists and is no VM`, {
        hint: "Choose another name, or move that file away; nothing was changed.",
      });
}

function explain(vm: NewVm, { step, error }: StepFailure): Error {
  if (error.code === "PLAN_INTERRUPTED") return error;
  if (step.kind === "rename" && exists(step.to)) return vmExists(vm);
  const isQemuImg = step.kind === "run" && step.argv[0] === "qemu-img";
  if (isQemuImg && error.code === "PROGRAM_NOT_FOUND") {
    return codedError("QEMU_IMG_NOT_FOUND", "qemu-img is not installed", {
      hint: "Install it: Debian's package qemu-utils, Fedora's qemu-img, Arch's qemu-img.",
      cause: error,
    });
  }
  if (isQemuImg && vm.root === undefined) {
    const message = `qemu-img could not create ${join(vm.home, vm.name, ROOT_DISK)}; nothing is left of the VM`;
    return codedError("DISK_NOT_CREATED", message, { hint: "Its own message stands above.", cause: error });
  }
  if (step.kind === "run") {
    const message = `the image could not be made the disk of ${JSON.stringify(vm.name)}: ${error.message}; nothing is left of the VM`;
    return codedError("IMAGE_NOT_IMPORTED", message, { hint: "Its own message stands above.", cause: error });
  }
  return codedError("VM_NOT_CREATED", `the VM ${JSON.stringify(vm.name)} was not created: ${error.message}`, {
    hint: `Set VM_HOME to a directory that you can write to, if ${vm.home} is not the right one.`,
    cause: error,
  });
}
