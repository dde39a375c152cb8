/** For commander: a repeatable option, as a list of its values. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}
