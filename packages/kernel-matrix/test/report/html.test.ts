import { createHash } from "node:crypto";
import { sample, uint8Array } from "fast-check";
import { expect, test } from "vitest";
import { renderHtml } from "../../src/report/html.js";
import type { MatrixResult } from "../../src/result.js";
import { everyEnd, matrix, oopsFailure, passed, ran } from "../made-results.js";
import { xmlComplaints, xpath } from "./xml.js";

/** The page; it is written so that it is XML as well, which is what can be checked here. */
function page(result: MatrixResult): string {
  const html = renderHtml(result).replace("<!doctype html>", "<!DOCTYPE html>");
  expect(xmlComplaints(html)).toBe("");
  return html;
}

test("one of everything that can happen: a grid with a cell for each, and details of what did not pass", () => {
  const html = page(everyEnd());
  expect(xpath(html, "string(//h1)")).toBe("1 of 15 tests passed");
  expect(xpath(html, "count(//table[@class='grid']/thead//th)")).toBe("6");
  expect(xpath(html, "count(//table[@class='grid']/tbody/tr)")).toBe("3");
  expect(xpath(html, "count(//table[@class='grid']/tbody/tr[2]/td)")).toBe("5");
  // A kernel that cannot be used takes the row, and is told of once.
  expect(xpath(html, "string(//table[@class='grid']/tbody/tr[3]/td/@colspan)")).toBe("5");
  expect(xpath(html, "count(//details[@class='cell error'])")).toBe("2");
  expect(xpath(html, "count(//details[@class='cell failed'])")).toBe("7");
  expect(xpath(html, "count(//*[name()='svg'][ancestor::table])")).toBe("9");
});

test("every link leads to an element inside a details, and no id is there twice", () => {
  const html = page(everyEnd());
  const links = [...html.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
  const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  // One in the grid, and one in the details to be handed on.
  expect(new Set(links).size).toBe(10);
  expect(links).toHaveLength(20);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of links) expect(xpath(html, `count(//details//*[@id='${id}'])`)).toBe("1");
});

test("the console of a failure is in its details, with the kernel's complaint marked", () => {
  const html = page(everyEnd());
  const details = "//details[contains(summary, 'linux-next') and contains(summary, 'panic')]";
  expect(xpath(html, `string(${details}//mark)`)).toBe(
    "[    1.234567] Kernel panic - not syncing: Fatal exception",
  );
  expect(xpath(html, `string(${details}//div[starts-with(@aria-label, 'Console')]/pre)`)).toBe(
    "[    1.234567] Kernel panic - not syncing: Fatal exception\nCPU: 0 PID: 1",
  );
});

test("the page loads nothing, and runs its one script, which no text can change", () => {
  const whole = page(everyEnd());
  const scripts = [...whole.matchAll(/<script>([^]*?)<\/script>/g)];
  expect(scripts).toHaveLength(1);
  const [element = "", text = ""] = scripts[0] ?? [];
  expect(text).not.toMatch(/[<&]|innerHTML|insertAdjacent|eval|Function|document\.write/);
  const hash = createHash("sha256").update(text).digest("base64");
  const html = whole.replace(element, "");
  expect(html).not.toMatch(
    /<(?:script|link|img|iframe|object|embed|form)\b|url\(|@import|\ssrc=|\son\w+=|https?:/i,
  );
  expect(html).toContain(
    `content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'"`,
  );
});

test("what a hostile guest writes is text", () => {
  const hostile = `</pre><script>alert(1)</script><a href="javascript:x" onclick='y'>&lt;\u0000\u001b[2J\u202e`;
  const html = page(
    matrix({
      [`k${hostile}`]: {
        [`t${hostile}`]: ran(
          { kind: "oopsed", reason: hostile, complaint: "warn", status: 1 },
          {
            stdout: hostile,
            stderr: Buffer.from([0xff, 0x00, 0x3c]),
            consoleTail: [hostile],
            complaints: [{ kind: "warn", line: hostile }],
            qemuStderr: hostile,
            argv: ["qemu", hostile.replaceAll("\0", "")],
            release: hostile,
          },
        ),
      },
    }),
  );
  expect(xpath(html, "count(//script)")).toBe("1");
  expect(xpath(html, "count(//script[contains(., 'alert')])")).toBe("0");
  expect(xpath(html, "count(//a[@onclick])")).toBe("0");
  expect(xpath(html, "string(//div[starts-with(@aria-label, 'Standard output')]/pre)")).toBe(
    `</pre><script>alert(1)</script><a href="javascript:x" onclick='y'>&lt;\u2400\ufffd`,
  );
});

test("any bytes make a whole page", () => {
  const rows = sample(uint8Array({ maxLength: 200 }), 100).map((bytes, index) => {
    const text = Buffer.from(bytes).toString("latin1");
    return [`k${index}${text}`, { [text]: ran({ kind: "hung", reason: text }, { stdout: bytes }) }] as const;
  });
  expect(page(matrix(Object.fromEntries(rows)))).toContain("0 of 100 tests passed");
});

test("what passed is told with its output, and a bar is as long as the longest guest at most", () => {
  const html = page(matrix({ a: { t: passed }, b: { t: passed } }));
  expect(xpath(html, "string(//h1)")).toBe("All 2 tests passed");
  expect(xpath(html, "count(//details[@class='cell passed'])")).toBe("2");
  expect(xpath(html, "sum((//*[name()='svg'])[1]/*/@width)")).toBe("100");
});

test("a report comes with the source around its place, and with the command that runs it again", () => {
  const oopsed = ran(
    { kind: "oopsed", reason: "BUG: kernel NULL pointer", complaint: "oops", status: null },
    { failure: oopsFailure },
  );
  const end = { ...oopsed, again: ["vm", "run", "-k", "a"] };
  const html = page(matrix({ a: { t: end } }));
  expect(xpath(html, "string(//pre[@class='source']/mark)")).toBe("31  \tREAD_ONCE(*(volatile int *)8);");
  expect(xpath(html, "string(//pre[@class='facts-of-run'])")).toContain("again   vm run -k a");
});

test("a matrix without kernels or tests is a page too", () => {
  expect(page(matrix({}))).toContain("0 of 0 tests passed");
  page(matrix({ lonely: {} }));
});
