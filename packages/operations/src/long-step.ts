import { basename } from "node:path";
import type { Host } from "./host.js";
import { remark } from "./notice.js";

/** When a person is told what they wait for, in seconds: first, and from then on. */
const longAfter = { first: 1, again: 10 } as const;

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
export async function tellIfLong<Result>(
  what: string,
  work: () => Promise<Result>,
  { notice }: Pick<Host, "notice">,
): Promise<Result> {
  const since = performance.now();
  const tell = (): void => notice(remark(`${what} (${Math.round((performance.now() - since) / 1000)} s)`));
  let again: NodeJS.Timeout | undefined;
  const first = setTimeout(() => {
    tell();
    again = setInterval(tell, longAfter.again * 1000);
  }, longAfter.first * 1000);
  try {
    return await work();
  } finally {
    clearTimeout(first);
    clearInterval(again);
  }
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
