/** A release as a person writes it, such as 7.3, 6.12.30 or 7.3-rc4. */
export const RELEASE_FORM: RegExp = /^\d{1,5}\.\d{1,5}(?:\.\d{1,5})?(?:-rc\d{1,3})?$/;

/**
 * Whether a kernel is a release or newer. Release candidates of 7.3 are 7.3: what is fixed for a release is fixed in them, but where the limit
 * itself names one. A kernel that does not say its version is newer than all.
 *
 * @param release of `uname -r`
 * @param limit of `RELEASE_FORM`
 */
export function isFrom(release: string, limit: string): boolean {
  const found = numbers(release, Infinity);
  const wanted = numbers(limit, 0);
  if (found === null || wanted === null) return true;
  for (const [index, number] of wanted.entries()) {
    const other = found[index] ?? 0;
    if (other !== number) return other > number;
  }
  return true;
}

/** Version, patch level, sublevel, number of the candidate. */
function numbers(text: string, whole: number): number[] | null {
  const [, version, level, sublevel = "0", candidate] =
    /^(\d+)\.(\d+)(?:\.(\d+))?(?:-rc(\d+))?/.exec(text) ?? [];
  if (version === undefined || level === undefined) return null;
  return [
    Number(version),
    Number(level),
    Number(sublevel),
    candidate === undefined ? whole : Number(candidate),
  ];
}
