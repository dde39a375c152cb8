import type { ExportVmRequest } from "@vm/operations";
import type { DryRun } from "./caller.js";
import { checkParameters } from "./run/kernel-parameters.js";
import { usageError } from "./usage-error.js";

/** The options of `vm export`. */
export interface ExportOptions extends DryRun {
  readonly libvirt?: true;
  readonly kernel?: string;
  readonly append?: readonly string[];
}

/** `vm export NAME --libvirt` @throws USAGE */
export function exportRequest(vm: string, { libvirt, append, kernel }: ExportOptions): ExportVmRequest {
  if (libvirt !== true) throw usageError("as what? --libvirt prints a domain for virsh define");
  if (kernel === undefined && append !== undefined)
    throw usageError("-a needs a kernel of the host (-k)", "The disk's own boot loader says the others.");
  checkParameters(append);
  return {
    operation: "export-vm",
    vm,
    format: "libvirt",
    ...(kernel === undefined
      ? {}
      : { kernel: { name: kernel, ...(append === undefined ? {} : { parameters: append }) } }),
  };
}
