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
import { createVm, editConfig, importVm, modulesPackage } from "./schema/creation.js";
import {
  decode,
  doctor,
  exportVm,
  info,
  list,
  listCache,
  listSnapshots,
  pruneCache,
  showConfig,
} from "./schema/look.js";
import { copy, exec, forward, mount, ssh, sshConfig } from "./schema/reach.js";
import { runCommand, runVm } from "./schema/run.js";
import {
  dump,
  events,
  gdb,
  guestConsole,
  logs,
  pause,
  qmp,
  restart,
  resume,
  start,
  stop,
  wait,
} from "./schema/running.js";
import { collectCells, planCells, report, runCells, submitCells, test } from "./schema/test.js";

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
  "import-vm": importVm,
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
  "ssh-config": sshConfig,
  doctor,
  "list-cache": listCache,
  "prune-cache": pruneCache,
  decode,
  list,
  info,
  "show-config": showConfig,
  "export-vm": exportVm,
  "list-snapshots": listSnapshots,
  "create-vm": createVm,
  "edit-config": editConfig,
  "modules-package": modulesPackage,
  start,
  stop,
  restart,
  pause,
  resume,
  wait,
  events,
  logs,
  console: guestConsole,
  qmp,
  "plan-cells": planCells,
  "run-cells": runCells,
  "collect-cells": collectCells,
  "submit-cells": submitCells,
  report,
};
