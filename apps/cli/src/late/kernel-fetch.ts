import { fetchKernel } from "@vm/kernel-build";

/** What this bundle exports, for the one that loads it late. */
export interface LateKernelFetch {
  readonly fetchKernel: typeof fetchKernel;
}

export { fetchKernel };
