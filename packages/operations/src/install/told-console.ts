import { complaintKind, recordsOf } from "@vm/kernel-report";

/** What is shown of a console when the guest failed. */
export interface ToldConsole {
  push(this: void, line: string): void;
  /** From the kernel's first complaint on, which tells most; else the last lines. */
  lines(this: void): readonly string[];
}

/** Lines from the complaint on: a report with its registers and trace has about 60. */
const MAX_LINES = 400;

/** @param count how many of the last lines are shown where the kernel complained of nothing */
export function toldConsole(count: number): ToldConsole {
  const last: string[] = [];
  let told: string[] | null = null;
  return {
    push(line) {
      if (told !== null) {
        if (told.length < MAX_LINES) told.push(line);
        return;
      }
      if (recordsOf(line).some(({ text }) => isComplaint(text.trimStart()))) {
        told = [line];
        return;
      }
      last.push(line);
      if (last.length > count) last.shift();
    },
    lines: () => told ?? last,
  };
}

/** A module that taints the kernel is no failure. */
function isComplaint(message: string): boolean {
  const kind = complaintKind(message);
  return kind !== null && kind !== "taint";
}
