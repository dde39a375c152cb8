import { fstatSync, statSync } from "node:fs";

/** Whether our standard input is one to read: not where it is /dev/null, for the guest has one of its own and needs no stream for it. */
export function hasInput(): boolean {
  const { rdev } = fstatSync(0);
  return rdev === 0 || rdev !== statSync("/dev/null", { throwIfNoEntry: false })?.rdev;
}
