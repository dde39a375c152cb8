import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { quoteShell } from "@vm/command-plan";
import { resolveKernel } from "@vm/kernel-build";
import { loadConfig, readUserConfig, type VmConfig } from "@vm/vm-store";
import type { CommandContext } from "../command-module.js";
import { kernelLookup } from "./kernel-lookup.js";

interface NamedVm {
  readonly home: string;
  readonly name: string;
  /** What `-k` says. */
  readonly kernel: string | undefined;
  readonly context: CommandContext;
}

/** As `loadConfig`; where a kernel's name stands in the place of a VM's, the error's hint says so. */
export async function loadVmConfig({ home, name, kernel, context }: NamedVm): Promise<VmConfig> {
  try {
    return await loadConfig({ home, name });
  } catch (error) {
    throw kernel === undefined ? withForgottenKernel(error, name, context) : error;
  }
}

function withForgottenKernel(error: unknown, name: string, context: CommandContext): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  if (error.code !== "VM_NAME_INVALID" && error.code !== "VM_NOT_FOUND") return error;
  if (!isKernel(name, context)) return error;
  const hint = `Did you mean \`vm run -k ${quoteShell(name)}\`? A kernel stands behind -k.`;
  return Object.assign(error, { hint });
}

const noKernel: ReadonlySet<unknown> = new Set([
  "KERNEL_NOT_FOUND",
  "KERNEL_IS_A_FILE",
  "KERNEL_UNREADABLE",
  "NOT_A_KERNEL_BUILD",
]);

function isKernel(name: string, context: CommandContext): boolean {
  if (name.startsWith("git:")) return true;
  try {
    const lookup = kernelLookup(context, readUserConfig({ env: context.env }), { dryRun: true });
    resolveKernel(name, lookup);
    return true;
  } catch (error) {
    // Something that would be one: a tree that is not built, a package that is not unpacked.
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    return !noKernel.has(code) && existsSync(resolve(context.cwd, name));
  }
}
