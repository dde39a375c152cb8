import { parseAcceleratorRequest } from "@vm/guest-run";
import {
  prepareKernel,
  unusableKernel,
  type NamedKernel,
  type Preparation,
  type PreparedKernel,
} from "@vm/kernel-matrix";
import { readUserConfig } from "@vm/vm-store";
import { cacheHome } from "../cache-home.js";
import type { CommandContext } from "../command-module.js";
import { writeNotice } from "../output.js";
import { withBuiltKernel } from "../run/built-kernel.js";
import { kernelLookup } from "../run/kernel-lookup.js";
import { tellOfConfinement } from "../run/privacy.js";
import { parseShareRequest, shareWay } from "../run/share-way.js";
import type { MatrixOptions } from "./matrix-options.js";

/** Builds it first where it is a revision; what goes wrong is a row of the table. */
export async function prepareOne(
  kernel: NamedKernel,
  {
    prepare,
    options,
    context,
  }: {
    readonly prepare: Preparation;
    readonly options: MatrixOptions;
    readonly context: CommandContext;
  },
): Promise<PreparedKernel> {
  try {
    const { fragments, base, arch } = options;
    const building = {
      kernel: kernel.given,
      ...(fragments === undefined ? {} : { fragments }),
      ...(base === undefined ? {} : { base }),
      ...(arch === undefined ? {} : { arch }),
    };
    const { kernel: what } = await withBuiltKernel(building, context);
    return prepareKernel({ ...kernel, what }, prepare);
  } catch (error) {
    return unusableKernel(kernel, error);
  }
}

/** How every kernel of the matrix is made ready. */
export async function preparation(options: MatrixOptions, context: CommandContext): Promise<Preparation> {
  const { env } = context;
  const { findInitramfs } = await import("../late/kernel-initramfs.js");
  const { busybox, root, share } = options;
  const features = ["console", "modules", "embedded", "command"] as const;
  parseShareRequest(share);
  const requested = options.accel ?? (env["VM_ACCEL"] || "auto");
  return {
    lookup: kernelLookup(context, readUserConfig({ env })),
    accelerator: parseAcceleratorRequest(requested, options.accel === undefined ? "VM_ACCEL" : "--accel"),
    cacheHome: cacheHome(context),
    env,
    share: (build, name) => {
      const tell = (reason: string): void => writeNotice(`${name}: ${reason}`);
      const way = shareWay(build, { share, features, context, tell });
      tellOfConfinement(way.kind, context);
      return way;
    },
    initramfs: (build, modulesIndex, way) => {
      return findInitramfs(build, modulesIndex, {
        features,
        cmdline: [],
        share: way,
        options: { ...(busybox === undefined ? {} : { busybox }), ...(root === undefined ? {} : { root }) },
        context,
      });
    },
  };
}
