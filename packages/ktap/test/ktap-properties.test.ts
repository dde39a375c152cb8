import * as fc from "fast-check";
import { expect, it } from "vitest";
import { ktapParser, parseKtap, type KtapTest } from "../src/index.js";

/** A test as it is written. */
interface Written {
  readonly name: string;
  readonly ok: boolean;
  readonly noise: readonly string[];
  readonly subtests: readonly Written[];
}

const name = fc.stringMatching(/^[a-z][a-z_]{0,8}$/);
const noise = fc.array(
  fc.constantFrom("# a diagnostic", "an unknown line", "", "  indented", "[    1.0] of a log"),
  {
    maxLength: 3,
  },
);
const leaf = fc.record({ name, ok: fc.boolean(), noise, subtests: fc.constant([]) });
const { test } = fc.letrec<{ test: Written }>((tie) => ({
  test: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc
      .record({ name, noise, subtests: fc.array(tie("test"), { minLength: 1, maxLength: 4 }) })
      .map((each) => ({ ...each, ok: each.subtests.every(({ ok }) => ok) })),
  ),
}));
const suite = fc.array(test, { minLength: 1, maxLength: 5 });

/** @param indent of a level: KTAP's two blanks, older KUnit's, or kselftest's */
function write(tests: readonly Written[], indent: string, plan: boolean): string[] {
  return [
    "KTAP version 1",
    ...(plan ? [`1..${tests.length}`] : []),
    ...tests.flatMap(({ subtests, ...own }, index) => [
      ...(subtests.length === 0 ? [] : write(subtests, indent, plan).map((line) => indent + line)),
      ...own.noise,
      `${own.ok ? "" : "not "}ok ${index + 1} ${own.name}`,
    ]),
  ];
}

const shape = (tests: readonly (KtapTest | Written)[]): unknown =>
  tests.map((each) => [each.name, "ok" in each ? each.ok : each.status === "passed", shape(each.subtests)]);

it("what is written is read, in each of the ways to nest, with and without plans, cut anywhere on its way", () => {
  fc.assert(
    fc.property(
      suite,
      fc.constantFrom("  ", "    ", "\t", "# "),
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      (tests, indent, plan, size) => {
        const text = `${write(tests, indent, plan).join("\n")}\n`;
        const parser = ktapParser();
        for (let at = 0; at < text.length; at += size) parser.push(text.slice(at, at + size));
        const report = parser.end("whole");
        expect(shape(report?.tests ?? [])).toEqual(shape(tests));
        expect(report?.problems).toEqual([]);
        expect(report?.verdict).toBe(tests.every(({ ok }) => ok) ? "passed" : "failed");
      },
    ),
  );
});

it("stamps of the console change nothing, and neither do lines of others between them", () => {
  fc.assert(
    fc.property(suite, fc.array(fc.string({ maxLength: 20 })), (tests, others) => {
      const lines = write(tests, "    ", true);
      const stamped = lines.flatMap((line, index) => [
        `[${String(index).padStart(5)}.000000] ${line}`,
        ...(others[index] === undefined ? [] : [others[index].replace(/[\n[]/g, "")]),
      ]);
      const report = parseKtap(`${stamped.join("\r\n")}\r\n`);
      expect(shape(report?.tests ?? [])).toEqual(shape(tests));
    }),
  );
});

it("an output that is cut before its last result is never a success, and counts no result that is not there", () => {
  fc.assert(
    fc.property(suite, fc.constantFrom("  ", "# "), fc.nat(), (tests, indent, at) => {
      const lines = write(tests, indent, true);
      const kept = lines.slice(0, 1 + (at % (lines.length - 1)));
      const report = parseKtap(`${kept.join("\n")}\n`, { ending: "cut" });
      expect(report?.verdict).toBe("failed");
      const results = kept.filter((line) => /^(# |\s)*(not )?ok \d/.test(line)).length;
      expect((report?.counts.passed ?? 0) + (report?.counts.failed ?? 0)).toBeLessThanOrEqual(results);
    }),
  );
});

it("reads whatever comes, and says the same however it is cut", () => {
  const line = fc.oneof(
    fc.string({ maxLength: 30 }),
    fc.constantFrom(
      "TAP version 13",
      "KTAP version 1",
      "1..3",
      "ok 1 a",
      "not ok 2 b # SKIP",
      "# Subtest: x",
      "Bail out!",
    ),
  );
  const indented = fc
    .tuple(fc.constantFrom("", "  ", "    ", "# ", "# # ", "\t"), line)
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.array(indented, { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), (lines, size) => {
      const text = lines.join("\n");
      const parser = ktapParser();
      for (let at = 0; at < text.length; at += size) parser.push(text.slice(at, at + size));
      expect(parser.end("whole")).toEqual(parseKtap(text));
    }),
  );
});
