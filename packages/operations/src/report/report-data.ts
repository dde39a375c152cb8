import type { ComplaintKind } from "@vm/kernel-report";
import type { DecodedFrame, DecodedReport, SourcePlace } from "@vm/trace-decoder";

/** A report of the kernel as JSON. */
export interface ReportData {
  readonly kind: ComplaintKind;
  /** Its first line that says what happened. */
  readonly headline: string;
  /** The panic that it ended in; null where it did not. */
  readonly panic: string | null;
  /** The place that it is about; null where it names none. */
  readonly place: FrameData | null;
  /** Every place that it names, in order. */
  readonly frames: readonly FrameData[];
  /** As the console shows them. */
  readonly lines: readonly string[];
  readonly droppedLines: number;
}

/** A place in the kernel's code. */
export interface FrameData {
  readonly symbol: string;
  /** Bytes from the symbol, and from the symbol to the next one. */
  readonly offset: number;
  readonly size: number;
  readonly module: string | null;
  /** False for what only stands on the stack (`? name`). */
  readonly certain: boolean;
  /** The innermost of inlined calls first; empty where nothing is known of it. */
  readonly places: readonly SourcePlace[];
}

export function reportData({ kind, headline, panic, place, lines, droppedLines }: DecodedReport): ReportData {
  return {
    kind,
    headline,
    panic,
    place: place === null ? null : frameData(place),
    frames: lines.flatMap(({ frames }) => frames.map(frameData)),
    lines: lines.map(({ raw }) => raw),
    droppedLines,
  };
}

export function frameData({ symbol, offset, size, module, isCertain, places }: DecodedFrame): FrameData {
  return { symbol, offset, size, module, certain: isCertain, places };
}
