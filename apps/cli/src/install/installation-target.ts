import { statSync } from "node:fs";
import { join } from "node:path";
import { existingVmTarget, type InstallTarget, newVmTarget, readExistingDisk } from "@vm/arch-live";
import { codedError, quoteShell } from "@vm/command-plan";
import {
  beginCreation,
  lockVm,
  type ProcessIdentity,
  ownIdentity,
  readUserConfig,
  refuseSecond,
  resolveVmHome,
  type VmLock,
} from "@vm/vm-store";
import type { CommandContext } from "../command-module.js";
import { usageError } from "../usage-error.js";
import type { InstallCommandOptions } from "./install-options.js";

export interface ClaimedTarget {
  readonly target: InstallTarget;
  /** That of a VM that is there: it must not run meanwhile. */
  readonly lock?: VmLock;
}

/** What is installed on. A dry run claims nothing. */
export async function claimTarget(
  name: string,
  options: InstallCommandOptions,
  { env }: CommandContext,
): Promise<ClaimedTarget> {
  const home = resolveVmHome({ env, userConfig: readUserConfig({ env }) });
  const { cpus, memory, size, dryRun, yes } = options;
  const directory = join(home, name);
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    const vm = {
      home,
      name,
      ...(cpus === undefined ? {} : { cpus }),
      ...(memory === undefined ? {} : { memory }),
      ...(size === undefined ? {} : { size }),
    };
    newVmTarget(vm);
    return { target: newVmTarget(vm, dryRun === true ? undefined : beginCreation(vm)) };
  }
  if (size !== undefined) {
    throw usageError(`-s: ${JSON.stringify(name)} is there already, with a disk of its own size`);
  }
  const { sizeBytes, content } = await readExistingDisk(directory);
  if (content === "something" && yes !== true) {
    throw codedError("VM_NOT_BLANK", `the disk of ${JSON.stringify(name)} is not blank`, {
      hint: `Nothing was changed. With --yes it is replaced; vm install ${quoteShell(`${name}2`)} makes another VM.`,
    });
  }
  if (dryRun === true) return { target: existingVmTarget({ home, name, sizeBytes }) };
  refuseSecond({ home, name });
  const lock = lockVm(directory, { command: ["vm", ...process.argv.slice(2)] });
  const self: ProcessIdentity = ownIdentity();
  return { target: existingVmTarget({ home, name, sizeBytes }, self), lock };
}
