import { resolve } from "node:path";
import type { CommandResult } from "@vm/guest-run";
import type { KernelBuild } from "@vm/kernel-build";
import { kernelOffset, parseReports, toldRelease } from "@vm/kernel-report";
import { openDecoder, withoutLines, type DecodedReport, type DecoderProblem } from "@vm/trace-decoder";
import type { Host } from "../host.js";
import { debugPackage } from "./debug-package.js";
import { sourceCommit } from "./source-commit.js";
import { sourceExcerpts, type SourceExcerpt } from "./source-excerpt.js";
import { taintOf, type Taint } from "./taint.js";

/** What there is to say of a run that did not pass, beside its outcome. */
export interface FailureReport {
  /** What the kernel complained of, in order: the first one matters most. */
  readonly reports: readonly DecodedReport[];
  /** The directory of the sources that the kernel was compiled from; null where nobody knows. */
  readonly sources: string | null;
  /** Source text around the places that the first reports name; the first one is what broke. */
  readonly excerpts: readonly SourceExcerpt[];
  /** What kept lines of the source back. */
  readonly problems: readonly DecoderProblem[];
  readonly kernel: {
    readonly release: string;
    /** `git describe` of its sources, with `-dirty`; null where they are in no repository. */
    readonly commit: string | null;
  };
  /** Null where no report tells. */
  readonly taint: Taint | null;
  /** Where the person stands: files below are named from there. */
  readonly cwd: string;
}

/** Of more the first ones are looked at. */
const MAX_REPORTS = 50;

/** Reads what the kernel complained of, and finds the lines of source text. Never rejects for what it does not find. */
export async function failureReport(
  { complaintLines, command, release }: Pick<CommandResult, "complaintLines" | "command" | "release">,
  build: KernelBuild,
  host: Host,
): Promise<FailureReport> {
  const { env, arch, cwd } = host;
  const found = parseReports(complaintLines).slice(0, MAX_REPORTS);
  const modules = namedModules(command, cwd);
  const debug = found.length === 0 ? {} : await debugPackage(build, host);
  const decoder = openDecoder({ build, modules, ...debug, env, hostArch: arch });
  try {
    const reports: DecodedReport[] = [];
    const offset = kernelOffset(found.flatMap(({ lines }) => lines.map(({ text }) => text)));
    for (const report of found) reports.push(await decoder.decode(report, offset));
    return {
      reports,
      sources: decoder.sources(),
      excerpts: sourceExcerpts(reports),
      problems: decoder.problems(),
      kernel: { release: release ?? build.release, commit: await sourceCommit(build, { env }) },
      taint: taintOf(found),
      cwd,
    };
  } finally {
    decoder.close();
  }
}

/** The same of a kernel that is on a VM's disk, of which nothing is at hand. */
export function ownKernelReport(
  complaintLines: readonly string[],
  { cwd }: Pick<Host, "cwd">,
): FailureReport {
  const found = parseReports(complaintLines).slice(0, MAX_REPORTS);
  const release = found.map(toldRelease).find((told) => told !== null);
  return {
    reports: found.map(withoutLines),
    sources: null,
    excerpts: [],
    problems: [
      {
        code: "OWN_KERNEL",
        message: "the kernel is the VM's own: its stacks are shown without lines",
        hint: "vm decode finds them in a log, given the kernel that ran (-k).",
      },
    ],
    kernel: { release: release ?? "the VM's own", commit: null },
    taint: taintOf(found),
    cwd,
  };
}

/** Modules that the command itself names: in the embedded guest they are this host's files. */
function namedModules(command: Uint8Array, cwd: string): string[] {
  const words =
    Buffer.from(command)
      .toString("utf8")
      .match(/[^\s'"=;&|()<>]+\.ko\b/g) ?? [];
  return [...new Set(words)].slice(0, 100).map((word) => resolve(cwd, word));
}
