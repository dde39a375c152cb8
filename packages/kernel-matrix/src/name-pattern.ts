/**
 * Whether a pattern with `*` and `?` fits all of a name, or of what stands in it behind a `:` or `/`. Neither many stars nor long names make
 * it slow.
 */
export function namePattern(pattern: string): (name: string) => boolean {
  const wanted = Array.from(pattern.replaceAll(/\*+/g, "*"));
  // There may be a hundred thousand names: what one lacks is seen sooner than that the pattern does not fit.
  const [literal = ""] = pattern.split(/[*?]/).toSorted((one, other) => other.length - one.length);
  return (name) => {
    if (!name.includes(literal)) return false;
    if (fits(wanted, Array.from(name))) return true;
    return [...name.matchAll(/[:/]\s*/g)].some(({ 0: { length }, index }) => {
      const whole = Array.from(name.slice(index + 1));
      return fits(wanted, whole) || (length > 1 && fits(wanted, Array.from(name.slice(index + length))));
    });
  };
}

/** Of the stars the last one alone is tried again: what is before it has its shortest fit already. */
function fits(pattern: readonly string[], name: readonly string[]): boolean {
  let at = 0;
  let star = -1;
  let from = 0;
  for (let index = 0; index < name.length;) {
    const wanted = pattern[at];
    if (wanted === "*") {
      star = at;
      at += 1;
      from = index;
    } else if (wanted === "?" || (wanted !== undefined && wanted === name[index])) {
      at += 1;
      index += 1;
    } else if (star !== -1) {
      at = star + 1;
      from += 1;
      index = from;
    } else return false;
  }
  return at === pattern.length || (at === pattern.length - 1 && pattern[at] === "*");
}
