import { availableParallelism, hostname, release } from "node:os";
import type { RunOrigin } from "./result.js";

/** This machine, and the version of vm on it. */
export function runOrigin(vm: string): RunOrigin {
  return { vm, host: hostname(), hostKernel: release(), hostCpus: availableParallelism() };
}
