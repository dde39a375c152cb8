import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findLocale, localesLike } from "../src/locale.js";
import { readInstallation } from "../src/index.js";

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "arch-installer-"));
});

afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  ["en_US.UTF-8", "en_US.UTF-8 UTF-8"],
  ["en_US.utf8", "en_US.UTF-8 UTF-8"],
  ["en_US.UTF8", "en_US.UTF-8 UTF-8"],
  ["en_US.utf-8", "en_US.UTF-8 UTF-8"],
  ["en_US", "en_US ISO-8859-1"],
  ["en_US.iso88591", "en_US ISO-8859-1"],
  ["en_US.88591", "en_US ISO-8859-1"],
  ["en_US.ISO-8859-15", "en_US.ISO-8859-15 ISO-8859-15"],
  ["de_DE@euro", "de_DE@euro ISO-8859-15"],
  ["de_DE.iso885915@euro", "de_DE@euro ISO-8859-15"],
  ["sr_RS@latin", "sr_RS@latin UTF-8"],
  ["sr_RS.utf8@latin", "sr_RS@latin UTF-8"],
  ["aa_ER", "aa_ER UTF-8"],
  ["aa_ER.UTF-8", "aa_ER UTF-8"],
  ["ja_JP.eucJP", "ja_JP.EUC-JP EUC-JP"],
  ["C.utf8", "C.UTF-8 UTF-8"],
  ["C", "C UTF-8"],
])("%s is the line %s of /etc/locale.gen", (spelling, line) => {
  const { name, charset } = findLocale(spelling) ?? {};
  expect(`${name} ${charset}`).toBe(line);
});

test.each(["xx_XX.UTF-8", "en_us.UTF-8", "de_DE.UTF-8@euro", "en_US.UTF-16", "en", "", "@euro", "utf8"])(
  "%s is none",
  (spelling) => expect(findLocale(spelling)).toBeUndefined(),
);

test("what somebody may have meant is named, the likeliest first", () => {
  expect(localesLike("en_us.utf8")).toEqual(["en_US.UTF-8", "en_US", "en_US.ISO-8859-15"]);
  expect(localesLike("de_DE.UTF-8@euro")).toContain("de_DE@euro");
  expect(localesLike("fi")[0]).toBe("fi_FI.UTF-8");
  expect(localesLike("klingon")).toEqual([]);
});

test("every locale that this machine's C library has is known", () => {
  const { stdout } = spawnSync("locale", ["-a"], { encoding: "utf8" });
  const names = stdout.split("\n").filter((name) => /^(C|[a-z]+_)/.test(name));
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => findLocale(name) === undefined)).toEqual([]);
});

test("an installation has them as the C library writes them, each once", async () => {
  const given = { hostname: "a", locales: ["en_US.utf8", "de_DE@euro", "en_US.UTF-8"] };
  const { locales } = await readInstallation(given, { cwd: directory });
  expect(locales).toEqual(["en_US.UTF-8", "de_DE@euro"]);
});

test.each([
  [{ locales: ["xx_XX.UTF-8"] }, "locales[0]: there is no locale xx_XX.UTF-8", /locale\.gen/],
  [{ locales: ["C", "en_us.utf8"] }, "locales[1]: there is no locale en_us.utf8", /en_US\.UTF-8/],
  [{ timezone: "Europe/Nowhere" }, "timezone: there is no time zone Europe/Nowhere", /--run/],
  [{ timezone: "europe/berlin" }, "timezone: there is no time zone europe/berlin", /Europe\/Berlin/],
  [{ timezone: "Berlin" }, "timezone: there is no time zone Berlin", /Europe\/Berlin/],
  [{ timezone: "Europe" }, "timezone: there is no time zone Europe", /zoneinfo/],
  [{ timezone: "leapseconds" }, "timezone: there is no time zone leapseconds", /zoneinfo/],
  [{ timezone: "+0100" }, "timezone: there is no time zone +0100", /zoneinfo/],
])("%j is refused with its next step", async (given, message, hint) => {
  const error = await readInstallation({ hostname: "a", ...given }, { cwd: directory }).catch(
    (e: unknown) => e,
  );
  expect(error).toMatchObject({ code: "INSTALL_OPTION_INVALID", message, hint: expect.stringMatching(hint) });
});

test.each([
  "UTC",
  "Europe/Berlin",
  "US/Eastern",
  "Asia/Kolkata",
  "Etc/GMT+5",
  "America/Argentina/Buenos_Aires",
  "GB",
])("%s is a time zone", async (timezone) => {
  const installation = await readInstallation({ hostname: "a", timezone }, { cwd: directory });
  expect(installation.timezone).toBe(timezone);
});
