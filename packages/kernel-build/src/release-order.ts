/** Older before newer: numbers by value, and `6.12-rc1` before `6.12`. */
export function compareReleases(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (let place = 0; place < Math.max(left.length, right.length); place++) {
    const [one = "", other = ""] = [left[place], right[place]];
    if (one === other) continue;
    if (one === "-rc" || other === "-rc") return one === "-rc" ? -1 : 1;
    const difference = Number(one) - Number(other);
    return Number.isNaN(difference) || difference === 0 ? (one < other ? -1 : 1) : difference;
  }
  return 0;
}

function partsOf(release: string): string[] {
  return release.match(/-rc|\d+|[^\d]/g) ?? [];
}

/** Linux 6.9, 6.10 and 6.11, release candidates included. */
export function isBroken9p(release: string): boolean {
  return /^6\.(?:9|10|11)(?:\D|$)/.test(release);
}
