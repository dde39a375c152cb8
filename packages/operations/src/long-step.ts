import { basename } from "node:path";
import { tellWhileLong } from "@vm/command-plan";
import type { Host } from "./host.js";
import { remark } from "./notice.js";

/** Says what takes its time, for `execute`: a line when a second is over, and then every ten. */
export function tellLongStep({
  notice,
}: Pick<Host, "notice">): (argv: readonly [string, ...string[]], elapsedSeconds: number) => void {
  return (argv, elapsedSeconds) => notice(remark(`${doing(argv)} (${elapsedSeconds} s)`));
}

/**
 * The same for any other work: what it does not block is told while it goes on.
 * @param what such as `the memory of X is being written`
 */
export function tellIfLong<Result>(
  what: string,
  work: () => Promise<Result>,
  { notice }: Pick<Host, "notice">,
): Promise<Result> {
  return tellWhileLong((seconds) => notice(remark(`${what} (${seconds} s)`)), work);
}

/** @param argv of a step in a plan for a VM */
function doing([program, word = "", ...rest]: readonly [string, ...string[]]): string {
  const name = basename(program);
  switch (name) {
    case "qemu-img":
      return `qemu-img ${word} is at work`;
    case "cp":
      return `${rest.at(-1) ?? word} is being copied`;
    case "sh":
      return "the image is being unpacked";
    default:
      return `${name} is at work`;
  }
}
