import type * as v from "valibot";
import type { Request } from "./request.js";
import {
  addDisk,
  cloneVm,
  removeDisk,
  removeVm,
  renameVm,
  resizeDisk,
  setMachine,
  snapshotChange,
} from "./schema/change.js";
import { checkConfig, mergeConfig } from "./schema/configuration.js";
import { install } from "./schema/install.js";
import { fetchKernel, kernel, modules } from "./schema/kernel.js";
import { doctor, pruneCache } from "./schema/look.js";
import { copy, exec, forward, mount, ssh } from "./schema/reach.js";
import { runCommand, runVm } from "./schema/run.js";
import { dump, gdb } from "./schema/running.js";
import { test } from "./schema/test.js";

/** One schema for each operation, by its name. */
export const requestSchemas: {
  readonly [operation in Request["operation"]]: v.GenericSchema<Extract<Request, { operation: operation }>>;
} = {
  "run-vm": runVm,
  "run-command": runCommand,
  test,
  install,
  kernel,
  "fetch-kernel": fetchKernel,
  modules,
  gdb,
  dump,
  "merge-config": mergeConfig,
  "check-config": checkConfig,
  "remove-vm": removeVm,
  "rename-vm": renameVm,
  "clone-vm": cloneVm,
  "resize-disk": resizeDisk,
  "set-machine": setMachine,
  "add-disk": addDisk,
  "remove-disk": removeDisk,
  "create-snapshot": snapshotChange("create-snapshot"),
  "restore-snapshot": snapshotChange("restore-snapshot"),
  "delete-snapshot": snapshotChange("delete-snapshot"),
  exec,
  ssh,
  copy,
  forward,
  mount,
  doctor,
  "prune-cache": pruneCache,
};
