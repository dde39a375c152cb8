import type { CommandResult } from "@vm/guest-run";

/** Source: mm/oom_kill.c, `oom_kill_process` and `out_of_memory`. A control group's own limit is not the guest's. */
const KILLED = /(?:^|[\]\s])Out of memory(?: and no killable processes|: Killed process \d+ \((.*?)\))/;

/** A sentence on a guest whose memory was too small, and what to do; undefined where it was not. */
export function describeOutOfMemory(
  { consoleTail }: Pick<CommandResult, "consoleTail">,
  memory: string | undefined,
): string | undefined {
  for (const line of consoleTail) {
    const found = KILLED.exec(line);
    if (found === null) continue;
    const victim = found[1] === undefined ? "" : `: the kernel killed ${found[1]}`;
    return memory === undefined
      ? `the guest's memory was used up${victim}. Give it more (-m in qemuOptions of vm.mjs)`
      : `the guest's memory of ${memory} was used up${victim}. Give it more, such as -m 4G`;
  }
  return undefined;
}
