/** The name of the test that runs, by what was written of it: kselftest's, the kselftest harness's and KUnit's ways. */
export function guessName(diagnostics: readonly string[]): string | null {
  for (const form of [
    /^# (selftests: .*)$/,
    /^#\s+RUN\s+(\S+) \.\.\.$/,
    /^# (?!Totals:)([\w.-]+): /,
    /^(selftests: .*)$/,
  ]) {
    const found = diagnostics.findLast((line) => form.test(line));
    const name = found === undefined ? undefined : form.exec(found)?.[1];
    if (name !== undefined) return name.trim();
  }
  return null;
}
