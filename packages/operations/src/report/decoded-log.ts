import { lineSplitter } from "@vm/command-plan";
import type { KernelBuild } from "@vm/kernel-build";
import { framesOf, recordsOf, reportParser, type KernelReport, type ReportLine } from "@vm/kernel-report";
import { openDecoder, type DecodedLine, type DecodedReport, type DecoderProblem } from "@vm/trace-decoder";
import type { Host } from "../host.js";

/** A console log, or what `dmesg` printed, with the lines of source text that its stacks name. */
export interface DecodedLog {
  /** In the order in which they begin. */
  readonly reports: readonly DecodedReport[];
  /** How many more there were. */
  readonly droppedReports: number;
  /** Where there is no report: lines that name places all the same, such as a piece of a stack. */
  readonly loose: readonly DecodedLine[];
  /** The directory of the sources that the kernel was compiled from; null where nobody knows. */
  readonly sources: string | null;
  /** What kept lines back, each once. */
  readonly problems: readonly DecoderProblem[];
}

/** Of more reports the first ones are kept. */
const MAX_REPORTS = 1000;
const MAX_LOOSE_LINES = 1000;

/**
 * Reads a log to its end, and decodes it.
 * @param settings `modules`: .ko files and directories of them, absolute, that are not of the kernel's tree
 */
export async function decodeLog(
  input: AsyncIterable<Uint8Array>,
  { build, modules = [] }: { readonly build: KernelBuild; readonly modules?: readonly string[] },
  { env, arch }: Pick<Host, "env" | "arch">,
): Promise<DecodedLog> {
  const found: KernelReport[] = [];
  let dropped = 0;
  const parser = reportParser((report) => {
    if (found.length < MAX_REPORTS) found.push(report);
    else dropped += 1;
  });
  const loose: ReportLine[] = [];
  const split = lineSplitter((line) => {
    parser.line(line);
    if (found.length === 0 && loose.length < MAX_LOOSE_LINES && line.includes("+0x")) {
      for (const { text } of recordsOf(line)) {
        if (framesOf(text).length > 0) loose.push({ raw: line, text, role: "frame" });
      }
    }
  });
  for await (const chunk of input) split.push(chunk);
  split.end();
  parser.end();
  const decoder = openDecoder({ build, modules, env, hostArch: arch });
  try {
    const reports: DecodedReport[] = [];
    for (const report of found.toSorted((one, other) => one.at - other.at)) {
      reports.push(await decoder.decode(report));
    }
    const rest = found.length > 0 || loose.length === 0 ? [] : (await decoder.decode(asReport(loose))).lines;
    return {
      reports,
      droppedReports: dropped,
      loose: rest,
      sources: decoder.sources(),
      problems: decoder.problems(),
    };
  } finally {
    decoder.close();
  }
}

function asReport(lines: readonly ReportLine[]): KernelReport {
  return { kind: "bug", headline: "", panic: null, lines, droppedLines: 0, at: 1 };
}
