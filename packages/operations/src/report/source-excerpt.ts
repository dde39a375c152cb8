import { isAbsolute } from "node:path";
import { readableText } from "@vm/host-files";
import type { DecodedReport, SourcePlace } from "@vm/trace-decoder";

/** Lines of source text around a place that a report names. */
export interface SourceExcerpt {
  readonly file: string;
  /** The line that is meant, from 1, and the first of `lines`. */
  readonly line: number;
  readonly firstLine: number;
  readonly lines: readonly string[];
}

/** Lines before and after. */
const AROUND = 4;
const MAX_EXCERPTS = 6;
const MAX_LENGTH = 400;
/** Debug information names files; what is no source text stays unread. */
const SOURCE_FILE = /\.(?:[chS]|rs)$/;

/** The lines around the place that each report is about, then around its first calls; none where the files are not here. */
export function sourceExcerpts(reports: readonly DecodedReport[]): SourceExcerpt[] {
  const excerpts = new Map<string, SourceExcerpt>();
  for (const place of reports.flatMap(placesOf)) {
    if (excerpts.size >= MAX_EXCERPTS) break;
    const key = `${place.file}:${place.line}`;
    const found = excerpts.has(key) ? null : excerptAt(place);
    if (found !== null) excerpts.set(key, found);
  }
  return [...excerpts.values()];
}

/** Of a report the place that it is about, and the calls that led there. */
function placesOf({ place, lines }: DecodedReport): SourcePlace[] {
  const frames = lines.flatMap((line) => line.frames).filter(({ isCertain }) => isCertain);
  return [...(place === null ? [] : [place]), ...frames.slice(0, 3)].flatMap(({ places }) =>
    places.slice(0, 1),
  );
}

function excerptAt({ file, line }: SourcePlace): SourceExcerpt | null {
  if (!isAbsolute(file) || !SOURCE_FILE.test(file)) return null;
  const text = readableText(file);
  const all = text?.split("\n") ?? [];
  if (line > all.length) return null;
  const firstLine = Math.max(1, line - AROUND);
  const lines = all.slice(firstLine - 1, line + AROUND).map((each) => each.slice(0, MAX_LENGTH));
  return { file, line, firstLine, lines };
}
