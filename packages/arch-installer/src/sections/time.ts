import { quoteShell } from "@vm/command-plan";
import type { Installation } from "../installation.js";
import type { Section } from "../section.js";
import { command, writeFile } from "../shell-text.js";

export function timeSection({ timezone }: Installation): Section {
  const zone = `/usr/share/zoneinfo/${timezone}`;
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
