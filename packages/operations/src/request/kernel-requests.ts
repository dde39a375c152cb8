import type { RevisionBuild } from "./booted-kernel.js";

/** What a kernel is: `vm kernel`. */
export interface KernelRequest {
  readonly operation: "kernel";
  /** What `-k` takes. */
  readonly kernel: string;
  readonly build?: RevisionBuild;
}

/** A released kernel from a mirror of Debian, into the cache: `vm kernel --fetch`. */
export interface FetchKernelRequest {
  readonly operation: "fetch-kernel";
  /** `debian:SUITE` or a version. */
  readonly release: string;
  /** By any of its names; default: the host's. */
  readonly arch?: string;
  /** `cloud`, `rt`...; default: the usual kernel. */
  readonly flavour?: string;
  /** Default: the Debian mirror of the host's apt. */
  readonly mirror?: string;
  /** A file with the keys that may have signed; default: Debian's. */
  readonly keyring?: string;
}

/** What modules a kernel has, and an index of them for guests: `vm modules`. */
export interface ModulesRequest {
  readonly operation: "modules";
  /** What `-k` takes. */
  readonly kernel: string;
}
