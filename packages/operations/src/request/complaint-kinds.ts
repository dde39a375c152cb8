import type { ComplaintKind } from "@vm/guest-run";

const table: Readonly<Record<ComplaintKind, true>> = {
  panic: true,
  oops: true,
  bug: true,
  warn: true,
  kasan: true,
  ubsan: true,
  kcsan: true,
  kmemleak: true,
  lockdep: true,
  softlockup: true,
  hardlockup: true,
  hungtask: true,
  rcustall: true,
  taint: true,
};

/** What `failOn` of a request may name. */
export const complaintKinds: readonly ComplaintKind[] = Object.keys(table).filter(isComplaintKind);

export function isComplaintKind(word: string): word is ComplaintKind {
  return Object.hasOwn(table, word);
}
