import type { Installation } from "../installation.js";
import type { Section } from "../section.js";
import { inNewSystem } from "../shell-text.js";

/** What the person wants done besides. */
export function commandsSection({ commands }: Installation): Section | undefined {
  if (commands.length === 0) return undefined;
  return {
    name: "run_commands",
    title: "Run the commands asked for",
    body: commands.map((text) => inNewSystem("bash", "-euo", "pipefail", "-c", text)),
  };
}
