import { quoteShell } from "@vm/command-plan";
import type { Installation } from "../installation.js";
import type { Section } from "../section.js";
import { command, writeFile } from "../shell-text.js";

/** Locales that the C library brings along. */
const BUILT_IN = new Set(["C", "POSIX", "C.UTF-8"]);

export function localeSection({ locales }: Installation): Section {
  const generated = locales.filter((locale) => !BUILT_IN.has(locale));
  return {
    name: "configure_locale",
    title: "Configure the locale",
    body: [
      ...(generated.length === 0 ? [] : generate(generated)),
      writeFile("/mnt/etc/locale.conf", `LANG=${locales[0] ?? "C.UTF-8"}\n`),
    ],
  };
}

/** locale.gen has a line for every locale, with a # before it: `#en_US.UTF-8 UTF-8`. */
function generate(locales: readonly string[]): readonly string[] {
  return [
    "local locale pattern",
    `local locales=(${command(...locales)})`,
    'for locale in "${locales[@]}"; do',
    `  pattern=\${locale//./${quoteShell("\\.")}}`,
    '  sed --in-place "s/^# *\\($pattern \\)/\\1/" /mnt/etc/locale.gen',
    '  grep --quiet "^$pattern " /mnt/etc/locale.gen || die "there is no locale $locale in /etc/locale.gen"',
    "done",
    "arch-chroot /mnt locale-gen",
  ];
}
