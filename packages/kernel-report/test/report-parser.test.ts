import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  COMPLAINT_WORDS,
  complaintKind,
  parseReports,
  placeOf,
  recordsOf,
  reportParser,
  type KernelReport,
} from "../src/index.js";
import { consoleOf, corpus } from "./corpus.js";

function headlines(lines: readonly string[]): string[] {
  return parseReports(lines).map(({ headline }) => headline);
}

/** What a report is from its first line to its last. */
function ends({ lines }: KernelReport): [first: string | undefined, last: string | undefined] {
  return [lines.at(0)?.text, lines.at(-1)?.text];
}

const oops = "BUG: kernel NULL pointer dereference, address: 0000000000000008";
const note = "note: insmod[46] exited with irqs disabled";

test("an oops is whole, from its first line to what is said of its task, with the registers of the trace's end", () => {
  const [report, ...others] = parseReports(consoleOf("7.2-oops"));
  expect(others).toEqual([]);
  expect(report && ends(report)).toEqual([oops, note]);
  expect(report?.lines.filter(({ text }) => text.startsWith("RIP: "))).toHaveLength(2);
  expect(report).toMatchObject({ kind: "oops", headline: oops, panic: null, droppedLines: 0 });
});

test("oops=panic still tells the oops, and that it ended in a panic", () => {
  const reports = parseReports(consoleOf("7.2-oops-panic"));
  expect(reports).toMatchObject([
    { kind: "oops", headline: oops, panic: "Kernel panic - not syncing: Fatal exception" },
  ]);
});

test("a warning begins with its cut and ends with its trace", () => {
  const [report] = parseReports(consoleOf("7.2-warn"));
  expect(report && ends(report)).toEqual([
    "------------[ cut here ]------------",
    "---[ end trace 0000000000000000 ]---",
  ]);
  expect(report?.kind).toBe("warn");
});

test("a panic that follows a whole warning is an event of its own", () => {
  const panic = "Kernel panic - not syncing: sysrq triggered crash";
  expect(headlines([...consoleOf("7.2-warn"), "sysrq: Trigger a crash", panic])).toEqual([
    expect.stringContaining("WARNING: "),
    panic,
  ]);
});

test("a task that hangs is reported as often as the kernel says so, each with its own stack", () => {
  const reports = parseReports(consoleOf("7.2-hung"));
  expect(reports.length).toBe(
    consoleOf("7.2-hung").filter((line) => line.includes("blocked for more")).length,
  );
  for (const report of reports) {
    expect(report.kind).toBe("hungtask");
    expect(ends(report)[1]).toBe(" </TASK>");
  }
});

test.each([
  ["7.2-oops", "read_nowhere"],
  ["7.2-notime", "read_nowhere"],
  ["7.2-warn", "hello_init"],
  ["7.2-hung", "hello_init"],
  ["7.2-softlockup", "hello_init"],
  ["7.2-panic", "sysrq_handle_crash"],
  ["debian-6.1-panic", "sysrq_handle_crash"],
  ["debian-7.2-panic", "sysrq_handle_crash"],
])("%s is about %s", (name, symbol) => {
  const [report] = parseReports(consoleOf(name));
  expect(report && placeOf(report)?.symbol).toBe(symbol);
});

test.each(["debian-6.1-panic", "debian-7.2-panic"])("%s ends with the kernel's offset", (name) => {
  const [report, ...others] = parseReports(consoleOf(name));
  expect(others).toEqual([]);
  expect(report && ends(report)[1]).toMatch(/^Kernel Offset: 0x/);
});

/** A console as other settings of the kernel, and other programs, write it. */
const forms: Readonly<Record<string, (line: string, index: number) => string>> = {
  "with times": (line, index) => `[${String(index).padStart(5)}.123456] ${line}`,
  "with times and callers": (line, index) => `[${String(index).padStart(5)}.123456][   T46] ${line}`,
  "with callers": (line) => `[   T46] ${line}`,
  "with raw levels": (line) => `<4>${line}`,
  "with carriage returns": (line) => `${line}\r`,
  "of dmesg --decode": (line, index) => `kern  :alert : [${String(index).padStart(5)}.123456] ${line}`,
  "of dmesg -T": (line) => `[Sun Nov 29 01:00:00 2026] ${line}`,
  "of journalctl -k": (line) => `Nov 29 01:00:00 debian kernel: ${line}`,
  "of /dev/kmsg": (line, index) => `6,${index},5140900,-;${line}`,
};

function facts(report: KernelReport): unknown {
  const { kind, headline, panic, lines } = report;
  return [kind, headline, panic, lines.map(({ text }) => text.trimEnd()), placeOf(report)];
}

test.each(Object.entries(forms))("the same reports are found in a console %s", (_, write) => {
  for (const name of corpus.keys()) {
    // Those have callers of their own.
    if (consoleOf(name).some((line) => CALLER.test(line))) continue;
    const plain = parseReports(consoleOf(name));
    const written = parseReports(consoleOf(name).map((line, index) => write(line.replace(STAMP, ""), index)));
    expect([name, written.map(facts)]).toEqual([name, plain.map(facts)]);
  }
});
const STAMP = /^\[ *\d+\.\d{6}\] /;
const CALLER = /^\[ *\d+\.\d{6}\]\[ *[TC]\d+\]/;

test("two CPUs that write at once, and say who they are, write two reports", () => {
  const [one, two] = (["7.2-oops", "7.2-softlockup"] as const).map((name) =>
    (parseReports(consoleOf(name))[0]?.lines ?? []).map(({ text }) => text),
  );
  const lines: string[] = [];
  for (let index = 0; index < Math.max(one?.length ?? 0, two?.length ?? 0); index += 1) {
    for (const [caller, text] of [
      ["T46", one?.[index]],
      ["C1", two?.[index]],
    ] as const) {
      if (text !== undefined) lines.push(`[    1.000000][${caller.padStart(6)}] ${text}`);
    }
  }
  const reports = parseReports(lines);
  expect(reports.map(({ kind }) => kind)).toEqual(["oops", "softlockup"]);
  expect(reports[0]?.lines.map(({ text }) => text)).toEqual(one);
});

test("what other programs write between is not the end of a report", () => {
  const lines = consoleOf("7.2-oops").flatMap((line, index) =>
    index % 3 === 0 ? [line, "a program's own words", "[  OK  ] Started something."] : [line],
  );
  expect(headlines(lines)).toEqual([oops]);
  const [report] = parseReports(lines);
  expect(report && ends(report)[1]).toEqual(note);
});

test("what comes after a report is no part of it", () => {
  const after = Array.from({ length: 50 }, (_, index) => `systemd[1]: Started something ${index}.`);
  const [report] = parseReports([...consoleOf("7.2-oops"), ...after]);
  expect(report && ends(report)[1]).toEqual(note);
});

test("a warning of which only the cut came is told all the same", () => {
  expect(headlines(["------------[ cut here ]------------"])).toEqual([
    "------------[ cut here ]------------",
  ]);
  expect(headlines(["------------[ cut here ]------------", "refcount_t: underflow"])).toEqual([
    "refcount_t: underflow",
  ]);
});

const firstLines = [
  oops,
  "WARNING: kernel/sched/core.c:5896 at schedule+0x12/0x34, CPU#1: insmod/93",
  "BUG: KASAN: slab-out-of-bounds in foo+0x1/0x2 [bar]",
  "BUG: KFENCE: use-after-free read in foo+0x1/0x2",
  "BUG: KCSAN: data-race in a / b",
  "UBSAN: shift-out-of-bounds in lib/foo.c:10:3",
  "WARNING: possible circular locking dependency detected",
  "INFO: task dd:93 blocked for more than 122 seconds.",
  "watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [modprobe:81]",
  "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
  "Kernel panic - not syncing: sysrq triggered crash",
  "Oops [#1]",
  "Oops: 0000 [#1] SMP PREEMPT_{RT,(lazy)}",
  "Internal error: Oops: 0000000096000004 [#1]  SMP",
];

const noise = fc.oneof(
  fc.string(),
  fc.constantFrom("", "==================", "=".repeat(66), "---[ end trace 0000000000000000 ]---"),
  fc.constantFrom(" <TASK>", "Call Trace:", "Code: 00 01", "systemd[1]: Started.", "RIP: 0010:a+0x1/0x2"),
);

/** The first line of a complaint that nothing of the same event stands before. */
test("a first line is never lost, whatever stands before and behind it", () => {
  fc.assert(
    fc.property(
      fc.array(noise, { maxLength: 80 }),
      fc.constantFrom(...firstLines),
      fc.array(noise, { maxLength: 80 }),
      (before, line, after) => {
        const reports = parseReports([...before, line, ...after]);
        const [{ text } = { text: "" }] = recordsOf(line);
        expect(reports.some(({ lines }) => lines.some((each) => each.text === text))).toBe(true);
      },
    ),
  );
});

test("a console that is cut anywhere, in the midst of a line too, has the reports whose first line came", () => {
  const names = [...corpus.keys()];
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.double({ min: 0, max: 1, noNaN: true }), (name, part) => {
      const text = consoleOf(name).join("\n");
      const cut = text.slice(0, Math.floor(text.length * part));
      const whole = parseReports(text.split("\n"));
      const whenCut = parseReports(cut.split("\n"));
      const seen = whole
        .filter(({ headline }) => cut.includes(`${headline}\n`))
        .map(({ headline }) => headline);
      expect(whenCut.map(({ headline }) => headline)).toEqual(expect.arrayContaining(seen));
    }),
  );
});

test("what is kept has an end, whatever the console says", () => {
  let lines = 0;
  const parser = reportParser((report) => {
    lines = Math.max(lines, report.lines.length);
    expect(report.lines.every(({ raw, text }) => raw.length <= 2048 && text.length <= 2048)).toBe(true);
  });
  parser.line(oops);
  for (let index = 0; index < 100_000; index += 1) parser.line(` frame${index}+0x1/0x2 ${"x".repeat(3000)}`);
  parser.end();
  expect(lines).toBe(1000);
});

test("text without the words of first lines has no first line", () => {
  const all = [...corpus.keys()].flatMap(consoleOf).flatMap(recordsOf);
  const first = [
    ...all.map(({ text }) => text),
    ...firstLines,
    "illegal operation: 0001 ilc:1 [#1]SMP",
  ].filter((text) => complaintKind(text.trimStart()) !== null);
  expect(first.length).toBeGreaterThan(100);
  expect(first.filter((text) => !COMPLAINT_WORDS.some((word) => text.includes(word)))).toEqual([]);
});
