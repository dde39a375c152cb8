/**
 * What the kernel can complain of on its console; also what `--fail-on` can name: `oops` and `panic` are failures anyway,
 * hangs are where no status follows.
 */
export type ComplaintKind =
  | "panic"
  | "oops"
  | "bug"
  | "warn"
  | "kasan"
  | "ubsan"
  | "kcsan"
  | "kmemleak"
  | "lockdep"
  | "softlockup"
  | "hardlockup"
  | "hungtask"
  | "rcustall"
  | "taint";
