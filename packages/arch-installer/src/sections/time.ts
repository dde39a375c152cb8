import { quoteShell } from "@vm/command-plan";
import type { Installation } from "../installation.js";
import type { Section } from "../section.js";
import { command, writeFile, type Statement } from "../shell-text.js";

const ZONES = "/usr/share/zoneinfo";

/**
 * Whether there is such a time zone, as far as the live system knows: nothing, where it has none. A distribution may have the
 * old names in another package; tzdata.zi names all of them (zic(8): Z is a zone, L a link to one).
 */
export function checkTimeZone({ timezone }: Installation): readonly Statement[] {
  // Where there are zones at all this one is.
  if (timezone === "UTC") return [];
  const pattern = `^(Z|L [^ ]+) ${timezone.replaceAll("+", String.raw`\+`)}( |$)`;
  return [
    `if [[ -e ${ZONES}/UTC && ! -f ${quoteShell(`${ZONES}/${timezone}`)} ]]; then`,
    `  grep --quiet --extended-regexp ${quoteShell(pattern)} ${ZONES}/tzdata.zi 2> /dev/null ||`,
    `    die ${quoteShell(`there is no time zone ${timezone}`)}`,
    "fi",
  ];
}

export function timeSection({ timezone }: Installation): Section {
  const zone = `${ZONES}/${timezone}`;
  return {
    name: "configure_time",
    title: "Configure the time",
    body: [
      `[[ -f ${quoteShell(`/mnt${zone}`)} ]] || die ${quoteShell(`there is no time zone ${timezone}`)}`,
      command("ln", "--symbolic", "--force", zone, "/mnt/etc/localtime"),
      "# The machine's own clock keeps UTC. hwclock, which says the same, would wait for the next second.",
      writeFile("/mnt/etc/adjtime", "0.0 0 0\n0\nUTC\n"),
    ],
  };
}
