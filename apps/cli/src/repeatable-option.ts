/** For commander: an option that may be given again, as a list of what was given. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
