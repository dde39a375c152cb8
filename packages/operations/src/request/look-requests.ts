/** What this machine has and lacks: `vm doctor`. */
export interface DoctorRequest {
  readonly operation: "doctor";
  /** What `-k` takes: whether this one can be run here. */
  readonly kernel?: string;
}

/** What is to leave the cache: `vm cache prune`. */
export interface PruneCacheRequest {
  readonly operation: "prune-cache";
  /**
   * How much may stay, as QEMU writes sizes (`10G`); `none`: as much as there is. Default: `cacheLimit` of the host's configuration, else
   * 20G, and what was used in the last two days stays in any case.
   */
  readonly limit?: string;
}
