import type { CommandResult, EmbeddedKernel, ResolvedAccelerator, ShareWay } from "@vm/guest-run";
import {
  explainFailure,
  prepareEmbeddedGuest,
  type BootedKernel,
  type EmbeddedPlan,
  type FailureReport,
  type Host,
  type KernelBuild,
  type Notice,
} from "@vm/operations";
import { problemOf, type KernelRow, type Problem } from "./result.js";

/** A kernel made ready for guests, or why it cannot be. */
export type PreparedKernel =
  | {
      readonly kind: "ready";
      readonly row: KernelRow;
      /** What is known of it. */
      readonly build: KernelBuild;
      readonly kernel: EmbeddedKernel;
      /** How files of the host come to its guests; default: over 9p. */
      readonly share?: ShareWay;
      readonly qemu: string;
      readonly accelerator: ResolvedAccelerator;
      /** What there is to say of a run that did not pass; null for one that did. */
      readonly explain: (result: CommandResult) => Promise<FailureReport | null>;
    }
  | { readonly kind: "unusable"; readonly row: KernelRow; readonly problem: Problem };

/** A kernel of the matrix before it is looked at. */
export interface NamedKernel {
  /** Unique in the matrix: see `shortNames`. */
  readonly name: string;
  /** What the person typed after `-k`. */
  readonly given: string;
}

/** What all kernels of a matrix have in common. */
export interface Preparation {
  /** What they boot with. */
  readonly boot: Omit<BootedKernel, "initrd" | "name">;
  readonly guest: EmbeddedPlan;
}

/**
 * Makes a kernel ready, as `vm run` does: builds or unpacks it, makes its index of modules and its initramfs. Whatever is wrong with this
 * kernel is part of what comes back, and the host is told: the others are not concerned.
 */
export async function prepareKernel(
  { name, given }: NamedKernel,
  { boot, guest: plan }: Preparation,
  host: Host,
): Promise<PreparedKernel> {
  const warnings: string[] = [];
  const notice = (each: Notice): void => {
    if (each.kind === "command" || each.about === undefined) {
      host.notice(each);
      return;
    }
    if (each.kind === "warning") warnings.push(sentence(each));
    host.notice({ ...each, message: `${name}: ${each.message}` });
  };
  try {
    const { build, guest, qemu, accelerator } = await prepareEmbeddedGuest(
      { ...boot, name: given },
      plan,
      "run",
      { ...host, notice },
    );
    const { kernel, share } = guest;
    const { release, image, tree = null } = build;
    return {
      kind: "ready",
      row: { name, given, release, tree, image, warnings },
      build,
      kernel,
      ...(share === undefined ? {} : { share }),
      qemu,
      accelerator,
      explain: (result) => explainFailure(result, build, host),
    };
  } catch (error) {
    const problem = problemOf(error, given);
    host.notice({ kind: "remark", message: `${name}: ${sentence(problem)}` });
    return {
      kind: "unusable",
      row: { name, given, release: null, tree: null, image: null, warnings },
      problem,
    };
  }
}

function sentence({ message, hint }: { readonly message: string; readonly hint?: string }): string {
  return hint === undefined ? message : `${message}. ${hint}`;
}
