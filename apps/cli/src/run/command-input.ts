import { fstatSync, statSync } from "node:fs";
import type { CommandOptions } from "./run-options.js";

/**
 * Whether the command is to read our standard input: not with `--no-stdin`, and not where ours is /dev/null, for the guest has one of
 * its own and needs no stream for it.
 */
export function readsInput({ stdin }: Pick<CommandOptions, "stdin">): boolean {
  if (stdin === false) return false;
  const { rdev } = fstatSync(0);
  return rdev === 0 || rdev !== statSync("/dev/null", { throwIfNoEntry: false })?.rdev;
}
