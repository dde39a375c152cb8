import { GLIBC_LOCALES } from "./glibc-locales.js";

/** A locale that can be generated, as a line of /etc/locale.gen has it. */
export interface Locale {
  /** For `LANG`: `en_US.UTF-8`, `de_DE@euro`. */
  readonly name: string;
  /** `UTF-8`, `ISO-8859-15`. */
  readonly charset: string;
}

/** Locales that the C library brings along; nothing is generated for them. */
const BUILT_IN = ["C", "POSIX", "C.UTF-8"];

/**
 * Whether the name is that of a locale of the C library, which needs no line in /etc/locale.gen.
 */
export function isBuiltIn(name: string): boolean {
  return BUILT_IN.includes(name);
}

/**
 * The locale that somebody means: the character set may be spelled as the C library lets it be spelled (`en_US.utf8`), and may be
 * there where the name of the locale has none (`de_DE.ISO-8859-15@euro` is `de_DE@euro`).
 * @returns undefined where the C library has none such
 */
export function findLocale(spelling: string): Locale | undefined {
  // The usual ones, as the list spells them: to compare every spelling takes a tenth of a start of Node.
  const charset = "UTF-8";
  if (isUtf8(spelling) && GLIBC_LOCALES[charset]?.split(/\s+/).includes(spelling) === true)
    return { name: spelling, charset };
  return bySpelling().get(normalise(spelling));
}

/** Names of locales that somebody might have meant, the likeliest first; at most three. */
export function localesLike(spelling: string): readonly string[] {
  const lower = normalise(spelling).toLowerCase();
  const [language = ""] = lower.split(/[.@]/);
  const found = [...bySpelling()].flatMap(([key, { name }]) => {
    const candidate = key.toLowerCase();
    if (candidate === lower) return [{ name, rank: 0 }];
    if (candidate.split(/[.@]/)[0] === language) return [{ name, rank: 1 }];
    return language !== "" && candidate.startsWith(`${language}_`) ? [{ name, rank: 2 }] : [];
  });
  const ranked = found.toSorted((a, b) => a.rank - b.rank || Number(isUtf8(b.name)) - Number(isUtf8(a.name)));
  return [...new Set(ranked.map(({ name }) => name))].slice(0, 3);
}

function isUtf8(name: string): boolean {
  return name.endsWith(".UTF-8");
}

let known: ReadonlyMap<string, Locale> | undefined;

function bySpelling(): ReadonlyMap<string, Locale> {
  known ??= readLocales();
  return known;
}

function readLocales(): ReadonlyMap<string, Locale> {
  const spellings = new Map<string, Locale>();
  for (const name of BUILT_IN) spellings.set(normalise(name), { name, charset: "UTF-8" });
  const all = Object.entries(GLIBC_LOCALES).flatMap(([charset, names]) =>
    names
      .trim()
      .split(/\s+/)
      .map((name) => ({ name, charset })),
  );
  for (const locale of all) spellings.set(normalise(locale.name), locale);
  for (const locale of all) {
    const { language, modifier } = parts(locale.name);
    const spelledOut = normalise(`${language}.${locale.charset}${modifier}`);
    if (!spellings.has(spelledOut)) spellings.set(spelledOut, locale);
  }
  return spellings;
}

/** As the C library compares names: of the character set only the small letters and the digits count. */
function normalise(name: string): string {
  const { language, charset, modifier } = parts(name);
  const letters = charset.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return `${language}${charset === "" ? "" : `.${/^\d+$/.test(letters) ? "iso" : ""}${letters}`}${modifier}`;
}

function parts(name: string): {
  readonly language: string;
  readonly charset: string;
  readonly modifier: string;
} {
  const [, language = "", charset = "", modifier = ""] = /^([^.@]*)(?:\.([^@]+))?(@.+)?$/.exec(name) ?? [];
  return { language, charset, modifier };
}
