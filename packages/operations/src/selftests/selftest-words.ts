/** Targets of the kernel's selftests, or single programs of them, as run_kselftest.sh names these: `timers`, `timers:rtcpie`. */
export interface SelftestChoice {
  /** A directory below tools/testing/selftests. */
  readonly target: string;
  /** Absent: all of the target's. */
  readonly program?: string;
}

const WORD = /^([\w+-]+(?:[./]+[\w+-]+)*)(?::([\w.+-]+))?$/;

/** `timers,net/lib,size:get_size`, read; null for what is no such list. */
export function readSelftests(words: string): SelftestChoice[] | null {
  const choices = words.split(",").map((word): SelftestChoice | null => {
    const [, target, program] = WORD.exec(word) ?? [];
    if (target === undefined || target.split("/").includes("..")) return null;
    return { target, ...(program === undefined ? {} : { program }) };
  });
  const known = choices.filter((each) => each !== null);
  return known.length === choices.length ? known : null;
}
