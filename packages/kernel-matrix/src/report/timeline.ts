import type { CommandDurations } from "@vm/guest-run";
import { durationText } from "./duration.js";
import { html, type Markup } from "./markup.js";

/** A part of a guest's life. */
interface Span {
  readonly name: "firmware" | "boot" | "command" | "end";
  readonly fromMs: number;
  readonly toMs: number;
}

/** The parts of a guest's life that are known, in order. */
export function spans(durations: CommandDurations): Span[] {
  const { firstConsoleByteMs, commandMs, statusMs, totalMs } = durations;
  const marks: readonly (readonly [Span["name"], number | null])[] = [
    ["firmware", 0],
    ["boot", firstConsoleByteMs],
    ["command", commandMs],
    ["end", statusMs],
  ];
  const known = marks.flatMap(([name, at]) => (at === null ? [] : [{ name, at }]));
  return known
    .map(({ name, at }, index) => ({ name, fromMs: at, toMs: known[index + 1]?.at ?? totalMs }))
    .filter(({ fromMs, toMs }) => toMs > fromMs);
}

export const spanWords: { readonly [name in Span["name"]]: string } = {
  firmware: "before the first console output",
  boot: "boot",
  command: "command",
  end: "end",
};

/** The durations as a bar: the whole width is `scaleMs`. */
export function timelineBar(durations: CommandDurations, scaleMs: number): Markup {
  const parts = spans(durations);
  const percent = (ms: number): string => ((ms / Math.max(scaleMs, 1)) * 100).toFixed(2);
  const words = parts
    .map(({ name, fromMs, toMs }) => `${spanWords[name]} ${durationText(toMs - fromMs)}`)
    .join(", ");
  return html`<svg class="bar" role="img" viewBox="0 0 100 6" preserveAspectRatio="none">
    <title>${durationText(durations.totalMs)}: ${words}</title>
    ${parts.map(
      ({ name, fromMs, toMs }) =>
        html`<rect
          class="${name}"
          x="${percent(fromMs)}"
          y="0"
          width="${percent(toMs - fromMs)}"
          height="6"
        />`,
    )}
  </svg>`;
}
