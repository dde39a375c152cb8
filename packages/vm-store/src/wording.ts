import { nearestName } from "@vm/command-plan";

/** How an error names what it found: `number`, `null`, `array`. */
export function describeType(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "array";
  return typeof value;
}

/** `Did you mean "smp"?`, or nothing where no candidate is near. */
export function suggestion(word: string, candidates: readonly string[]): string | undefined {
  const near = nearestName(word, candidates);
  return near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`;
}
