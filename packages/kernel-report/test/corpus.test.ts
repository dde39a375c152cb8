import * as fc from "fast-check";
import { expect, test } from "vitest";
import { framesOf, parseReports, placeOf, type KernelReport } from "../src/index.js";
import { consoleOf, corpus } from "./corpus.js";

/** What a person would look at to see whether a report was found whole. */
function summary(report: KernelReport): string {
  const { kind, headline, panic, lines, at } = report;
  const place = placeOf(report);
  const frames = lines.flatMap(({ text, role }) => (role === "frame" ? framesOf(text) : []));
  return [
    `${kind} at line ${at}, ${lines.length} lines, ${frames.length} frames: ${headline}`,
    ...(panic === null ? [] : [`  ended in: ${panic}`]),
    `  place: ${place === null ? "none" : `${place.symbol}${place.module === null ? "" : ` [${place.module}]`}`}`,
    `  first: ${lines.at(0)?.text}`,
    `  last:  ${lines.at(-1)?.text}`,
  ].join("\n");
}

test("every console of the corpus has the reports that stand in reports.txt, each from its first line to its last", async () => {
  const text = [...corpus.keys()]
    .toSorted()
    .map((name) => [`# ${name}`, ...parseReports(consoleOf(name)).map(summary)].join("\n"))
    .join("\n\n");
  await expect(`${text}\n`).toMatchFileSnapshot("corpus/reports.txt");
});

const names = [...corpus.keys()];
const texts = (report: KernelReport): string[] => report.lines.map(({ text }) => text);

test("lines of other programs between do not end a report of the corpus, and are no headline", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.array(fc.constantFrom("[  OK  ] Started a unit.", "login: ", "", "a program's words"), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.integer({ min: 5, max: 30 }),
      (name, between, every) => {
        const lines = consoleOf(name);
        const mixed = lines.flatMap((line, index) => (index % every === 0 ? [line, ...between] : [line]));
        const found = parseReports(mixed).map(({ headline }) => headline);
        expect(found).toEqual(parseReports(lines).map(({ headline }) => headline));
      },
    ),
  );
});

test("consoles one after the other have the reports of each", () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.constantFrom(...names), (one, other) => {
      const between = Array.from(
        { length: 60 },
        (_, index) => `[    0.00${String(index).padStart(4, "0")}] booting, ${index}`,
      );
      const both = parseReports([...consoleOf(one), ...between, ...consoleOf(other)]);
      const each = [...parseReports(consoleOf(one)), ...parseReports(consoleOf(other))];
      expect(both.map(({ headline }) => headline)).toEqual(each.map(({ headline }) => headline));
      expect(both.map(texts).at(-1)).toEqual(each.map(texts).at(-1));
    }),
    { numRuns: 60 },
  );
});

test("garbage on the line, a byte here and there, throws nothing and invents no panic", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      fc.array(fc.tuple(fc.nat(), fc.string({ maxLength: 4 })), { maxLength: 20 }),
      (name, hits) => {
        let text = consoleOf(name).join("\n");
        for (const [at, bytes] of hits) {
          const place = at % text.length;
          text = text.slice(0, place) + bytes + text.slice(place + bytes.length);
        }
        const panics = parseReports(text.split("\n")).filter(({ kind }) => kind === "panic").length;
        const before = parseReports(consoleOf(name)).filter(
          ({ kind, panic }) => kind === "panic" || panic !== null,
        ).length;
        expect(panics).toBeLessThanOrEqual(before);
      },
    ),
  );
});
