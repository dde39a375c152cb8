import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { lineSplitter } from "@vm/command-plan";
import { openRegular } from "@vm/host-files";
import type { KernelBuild } from "@vm/kernel-build";
import {
  framesOf,
  kernelOffset,
  recordsOf,
  reportParser,
  type KernelReport,
  type ReportLine,
} from "@vm/kernel-report";
import { openDecoder, type DecodedLine, type DecodedReport, type DecoderProblem } from "@vm/trace-decoder";
import type { Host } from "../host.js";
import { findKernel } from "../kernel/find-kernel.js";
import { tellIfLong } from "../long-step.js";
import type { DecodeRequest } from "../request/request.js";
import { debugPackage } from "./debug-package.js";
import { taintOf, type Taint } from "./taint.js";
import { reportData, type ReportData } from "./report-data.js";

/** A console log, or what `dmesg` printed, with the lines of source text that its stacks name. */
export interface DecodedLog {
  /** The kernel that ran. */
  readonly kernel: Pick<KernelBuild, "image" | "release">;
  /** In the order in which they begin. */
  readonly reports: readonly DecodedReport[];
  /** How many more there were. */
  readonly droppedReports: number;
  /** Where there is no report: lines that name places all the same, such as a piece of a stack. */
  readonly loose: readonly DecodedLine[];
  /** Whether the kernel was tainted, as the reports tell; null where none does. */
  readonly taint: Taint | null;
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
 *
 * @param input the log where the request names none
 * @throws what `findKernel` and `openRegular` throw
 */
export async function decodeLog(
  request: DecodeRequest,
  input: AsyncIterable<Uint8Array>,
  host: Host,
): Promise<DecodedLog> {
  const { kernel: name, build, log, modules = [] } = request;
  const { cwd, env, arch } = host;
  const source = log === undefined ? input : createReadStream("", { fd: openRegular(resolve(cwd, log)) });
  const kernel = await findKernel(
    { operation: "kernel", kernel: name, ...(build === undefined ? {} : { build }) },
    "run",
    host,
  );
  const found: KernelReport[] = [];
  let dropped = 0;
  const parser = reportParser((report) => {
    if (found.length < MAX_REPORTS) found.push(report);
    else dropped += 1;
  });
  const loose: ReportLine[] = [];
  /** What a panic tells of the addresses of its boot: by the line's number, null where another boot begins. */
  const offsets: { readonly at: number; readonly offset: bigint | null }[] = [];
  let number = 0;
  const split = lineSplitter((line) => {
    parser.line(line);
    number += 1;
    if (OFFSET_OR_BOOT.test(line)) {
      offsets.push({ at: number, offset: kernelOffset(recordsOf(line).map(({ text }) => text)) });
    }
    if (found.length === 0 && loose.length < MAX_LOOSE_LINES && line.includes("0x")) {
      for (const { text } of recordsOf(line)) {
        if (framesOf(text).length > 0) loose.push({ raw: line, text, role: "frame" });
      }
    }
  });
  for await (const chunk of source) split.push(chunk);
  split.end();
  parser.end();
  const decoder = openDecoder({
    build: kernel,
    ...(found.length === 0 && loose.length === 0 ? {} : await debugPackage(kernel, host)),
    modules: modules.map((path) => resolve(cwd, path)),
    env,
    hostArch: arch,
  });
  try {
    const reports: DecodedReport[] = [];
    let rest: readonly DecodedLine[] = [];
    const decodeAll = async (): Promise<void> => {
      for (const report of found.toSorted((one, other) => one.at - other.at)) {
        const next = offsets.find(({ at }) => at > report.at);
        reports.push(await decoder.decode(report, next?.offset ?? null));
      }
      if (found.length === 0 && loose.length > 0)
        rest = (await decoder.decode(asReport(loose), offsets[0]?.offset)).lines;
    };
    await tellIfLong(`the debug information of ${kernel.release} is being read`, decodeAll, host);
    return {
      kernel: { release: kernel.release, image: kernel.image },
      reports,
      droppedReports: dropped,
      loose: rest,
      taint: taintOf(found.toSorted((one, other) => one.at - other.at)),
      sources: decoder.sources(),
      problems: decoder.problems(),
    };
  } finally {
    decoder.close();
  }
}

/** A decoded log as a document for programs: `vm decode --json`. */
export interface DecodedLogData extends Omit<DecodedLog, "loose" | "reports"> {
  readonly format: "vm-decode";
  readonly version: 1;
  readonly reports: readonly ReportData[];
  readonly lines: readonly Pick<DecodedLine, "frames" | "raw">[];
}

export function decodedLogData(log: DecodedLog): DecodedLogData {
  const { kernel, taint, sources, reports, droppedReports, loose, problems } = log;
  return {
    format: "vm-decode",
    version: 1,
    kernel,
    taint,
    sources,
    reports: reports.map(reportData),
    droppedReports,
    lines: loose.map(({ raw, frames }) => ({ raw, frames })),
    problems,
  };
}

const OFFSET_OR_BOOT = /Kernel Offset: |\bLinux version \d/;

function asReport(lines: readonly ReportLine[]): KernelReport {
  return { kind: "bug", headline: "", panic: null, lines, droppedLines: 0, at: 1 };
}
