import type * as v from "valibot";
import type { Request } from "./request.js";
import { checkConfig, mergeConfig } from "./schema/configuration.js";
import { install } from "./schema/install.js";
import { fetchKernel, kernel, modules } from "./schema/kernel.js";
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
};
