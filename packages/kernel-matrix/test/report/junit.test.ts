import { sample, uint8Array } from "fast-check";
import { expect, test } from "vitest";
import { renderJunit } from "../../src/report/junit.js";
import { singleRun } from "../../src/single-run.js";
import { commandResult, everyEnd, matrix, ran, startedAt } from "../made-results.js";
import { junitComplaints, xpath } from "./xml.js";

test("one of everything that can happen is valid JUnit XML, with the right counts", () => {
  const xml = renderJunit(everyEnd());
  expect(junitComplaints(xml)).toBe("");
  expect(xpath(xml, "concat(/*/@tests, ' ', /*/@failures, ' ', /*/@errors, ' ', /*/@disabled)")).toBe(
    "15 7 6 1",
  );
  expect(xpath(xml, "count(//testcase[failure])")).toBe("7");
  expect(xpath(xml, "count(//testcase[error])")).toBe("6");
  expect(xpath(xml, "count(//testcase[skipped])")).toBe("1");
  expect(xpath(xml, "string(//testsuite[@name='tiny']/@errors)")).toBe("5");
});

test("a failure says why, and has the end of the console", () => {
  const xml = renderJunit(everyEnd());
  const failure = "//testsuite[@name='linux-next']/testcase[@name='uname -r']/failure";
  expect(xpath(xml, `string(${failure}/@message)`)).toBe("kernel panic: Fatal exception");
  expect(xpath(xml, `string(${failure}/@type)`)).toBe("panicked");
  expect(xpath(xml, `string(${failure})`)).toContain(
    "[    1.234567] Kernel panic - not syncing: Fatal exception\nCPU: 0",
  );
});

test("what a hostile guest writes is neither markup nor a character that XML forbids", () => {
  const hostile =
    "]]></system-out><!-- \u0000\u0007\u001b[31mred\u001b[0m \ud800 \uffff & \"'\r\n\u202eevil\ttab";
  const xml = renderJunit(
    matrix({
      'a<b>&"c\u0001': {
        "echo ]]>\n'\"": ran(
          { kind: "panicked", reason: `Kernel panic - not syncing: ${hostile}` },
          { stdout: hostile, stderr: Buffer.from([0xff, 0xfe, 0x00, 0x80]), consoleTail: [hostile] },
        ),
      },
    }),
  );
  expect(junitComplaints(xml)).toBe("");
  expect(xpath(xml, "string(//system-out)")).toBe(
    "]]></system-out><!-- \u2400\u2407red \ufffd \ufffd & \"'\n\ufffdevil\ttab",
  );
  expect(xpath(xml, "string(//testsuite/@name)")).toBe('a<b>&"c\u2401');
});

test("any bytes of output make a well-formed document", () => {
  const documents = sample(uint8Array({ maxLength: 400 }), 200).map((bytes, index) => {
    const text = Buffer.from(bytes).toString("latin1");
    return [
      `k${index}`,
      {
        [`t${text}`]: ran(
          { kind: "hung", reason: text },
          { stdout: bytes, consoleTail: [text], qemuStderr: text },
        ),
      },
    ] as const;
  });
  expect(junitComplaints(renderJunit(matrix(Object.fromEntries(documents))))).toBe("");
});

test("a line of the console stays as it is, also where it looks like UTF-8 that was read as Latin-1", () => {
  const reason = "Kernel panic - not syncing: GrÃ¶e";
  const xml = renderJunit(
    matrix({ k: { t: ran({ kind: "panicked", reason }, { consoleTail: [reason, "caf\u00e9"] }) } }),
  );
  expect(xpath(xml, "string(//failure/@message)")).toBe("kernel panic: GrÃ¶e");
  expect(xpath(xml, "string(//failure)")).toContain("syncing: GrÃ¶e\ncafé");
});

test("a single run is a document of one case", () => {
  const result = commandResult({ kind: "exited", status: 3 }, { command: Buffer.from("make\n  check") });
  const xml = renderJunit(singleRun({ kernel: { given: "~/linux" }, result, startedAt }));
  expect(junitComplaints(xml)).toBe("");
  expect(xml).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="vm test" tests="1" failures="1" errors="0" disabled="0" time="2.600">
    <testsuite name="~/linux" id="0" tests="1" failures="1" errors="0" skipped="0" time="2.600" timestamp="2026-01-02T03:04:05">
    <properties>
    <property name="kernel.given" value="~/linux"/>
    <property name="kernel.release" value="6.1.170"/>
    </properties>
    <testcase name="make …" classname="~/linux" time="2.600">
    <failure message="exited with status 3" type="exited">exited with status 3

    The end of the kernel's console:
    [    0.000000] Linux version 6.1.170
    [    1.900000] Run /init as init process
    </failure>
    </testcase>
    </testsuite>
    </testsuites>
    "
  `);
});

test("no test at all is valid too", () => {
  expect(junitComplaints(renderJunit(matrix({})))).toBe("");
  expect(junitComplaints(renderJunit(matrix({ lonely: {} })))).toBe("");
});
