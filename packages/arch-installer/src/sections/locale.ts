import { quoteShell } from "@vm/command-plan";
import type { Installation } from "../installation.js";
import { findLocale, isBuiltIn } from "../locale.js";
import type { Section } from "../section.js";
import { command, writeFile } from "../shell-text.js";

export function localeSection({ locales }: Installation): Section {
  const lines = locales.flatMap((locale) => {
    const found = isBuiltIn(locale) ? undefined : findLocale(locale);
    return found === undefined ? [] : [`${found.name} ${found.charset}`];
  });
  return {
    name: "configure_locale",
    title: "Configure the locale",
    body: [
      ...(lines.length === 0 ? [] : generate(lines)),
      writeFile("/mnt/etc/locale.conf", `LANG=${locales[0] ?? "C.UTF-8"}\n`),
    ],
  };
}

/** locale.gen has a line for every locale, with a # before it and blanks at its end: `#en_US.UTF-8 UTF-8  `. */
function generate(lines: readonly string[]): readonly string[] {
  return [
    "local line pattern",
    `local lines=(${command(...lines)})`,
    'for line in "${lines[@]}"; do',
    `  pattern=\${line//./${quoteShell("\\.")}}`,
    '  sed --in-place "s/^# *\\($pattern\\) *$/\\1/" /mnt/etc/locale.gen',
    '  grep --quiet --fixed-strings --line-regexp "$line" /mnt/etc/locale.gen ||',
    '    die "there is no locale $line in /etc/locale.gen"',
    "done",
    "arch-chroot /mnt locale-gen",
  ];
}
