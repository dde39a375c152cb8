import { join } from "node:path";
import { existingVmTarget, type InstallTarget, newVmTarget, readExistingDisk } from "@vm/arch-live";
import { codedError, quoteShell } from "@vm/command-plan";
import { isDirectory } from "@vm/host-files";
import { beginCreation, lockVm, ownIdentity, refuseSecond, type VmLock } from "@vm/vm-store";
import { vmHome } from "../guest/vm-config.js";
import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
import { requestError } from "../request/request-error.js";
import type { InstallRequest } from "../request/request.js";

export interface ClaimedTarget {
  readonly target: InstallTarget;
  /** That of a VM that is there: it must not run meanwhile. */
  readonly lock?: VmLock;
}

/** What is installed on. For a script nothing is claimed. */
export async function claimTarget(request: InstallRequest, mode: Mode, host: Host): Promise<ClaimedTarget> {
  const home = vmHome(host);
  const { vm: name, cpus, memory, diskSize, installation } = request;
  const directory = join(home, name);
  if (!isDirectory(directory)) {
    const vm = {
      home,
      name,
      ...(cpus === undefined ? {} : { cpus: String(cpus) }),
      ...(memory === undefined ? {} : { memory }),
      ...(diskSize === undefined ? {} : { size: diskSize }),
    };
    newVmTarget(vm);
    return { target: newVmTarget(vm, mode === "script" ? undefined : beginCreation(vm)) };
  }
  if (diskSize !== undefined) {
    throw requestError("diskSize", `${JSON.stringify(name)} is there already, with a disk of its own size`);
  }
  const { sizeBytes, content } = await readExistingDisk(directory);
  if (content === "something" && installation?.yes !== true) {
    throw codedError("VM_NOT_BLANK", `the disk of ${JSON.stringify(name)} is not blank`, {
      hint: `Nothing was changed. With --yes it is replaced; vm install ${quoteShell(`${name}2`)} makes another VM.`,
    });
  }
  if (mode === "script") return { target: existingVmTarget({ home, name, sizeBytes }) };
  refuseSecond({ home, name });
  const lock = lockVm(directory, { command: host.command });
  return { target: existingVmTarget({ home, name, sizeBytes }, ownIdentity()), lock };
}
