import { quoteShell } from "@vm/command-plan";
import type { Installation } from "../installation.js";
import type { Section } from "../section.js";
import { command } from "../shell-text.js";

export function timeSection({ timezone }: Installation): Section {
  const zone = `/usr/share/zoneinfo/${timezone}`;
  return {
    name: "configure_time",
    title: "Configure the time",
    body: [
      `[[ -f ${quoteShell(`/mnt${zone}`)} ]] || die ${quoteShell(`there is no time zone ${timezone}`)}`,
      command("ln", "--symbolic", "--force", zone, "/mnt/etc/localtime"),
      "# A machine without a clock of its own has nothing to set.",
      "if [[ -e /dev/rtc0 ]]; then",
      "  hwclock --systohc --utc --adjfile=/mnt/etc/adjtime",
      "fi",
    ],
  };
}
