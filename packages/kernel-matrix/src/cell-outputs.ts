import { ktapParser, type KtapReport } from "@vm/ktap";
import { capture, type Capture, type CaptureLimits } from "./capture.js";
import { alsoTo } from "./result-stream.js";
import type { CellEnd, ResultSource, TestColumn } from "./result.js";
import type { Writable } from "node:stream";

/** What is kept of each stream of a cell. */
const OUTPUT_LIMITS: CaptureLimits = { headBytes: 16 * 1024, tailBytes: 48 * 1024 };
const CONSOLE_LIMITS: CaptureLimits = { headBytes: 32 * 1024, tailBytes: 96 * 1024 };
const RECOGNISED: ResultSource = { from: "stdout", header: "recognised" };

const LACKS = {
  stdout: "its output has no results in KTAP or TAP",
  console: "the kernel's console has no results of KUnit: it needs CONFIG_KUNIT, and tests that match",
} as const;

type Ran = Extract<CellEnd, { kind: "ran" }>;

/** Where the streams of one run of a test go: what is kept of them, and the results in them. */
export interface CellOutputs {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly console: Writable;
  /** What came. @param ending whether the command itself has ended */
  end(this: void, ending: "cut" | "whole"): Pick<Ran, "console" | "lacks" | "stderr" | "stdout" | "subtests">;
}

export function cellOutputs({ results = RECOGNISED }: Pick<TestColumn, "results">): CellOutputs {
  const stdout = capture(OUTPUT_LIMITS);
  const stderr = capture(OUTPUT_LIMITS);
  const console = capture(CONSOLE_LIMITS);
  const { from, header } = results;
  const parser = ktapParser({ header: header === "wanted" && from === "stdout" ? "optional" : "required" });
  const read = (place: ResultSource["from"], { stream }: Capture): Writable =>
    place === from ? alsoTo(parser, stream) : stream;
  let report: KtapReport | null | undefined;
  return {
    stdout: read("stdout", stdout),
    stderr: stderr.stream,
    console: read("console", console),
    end(ending) {
      report ??= parser.end(ending);
      return {
        stdout: stdout.output(),
        stderr: stderr.output(),
        console: console.output(),
        ...(report === null ? {} : { subtests: report }),
        ...(report === null && header === "wanted" ? { lacks: LACKS[from] } : {}),
      };
    },
  };
}
