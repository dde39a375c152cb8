/** Looks for a boot that has given up and waits for a person, on a console at which nobody is. */
export interface StrandedBoot {
  /** @param text a line of the console, without its end @returns what has become of the boot; null while it goes on */
  line(text: string): string | null;
}

/**
 * What says so, at the beginning of a line. Sources: systemd's sulogin-shell.c; dracut's dracut-emergency.sh; mkinitcpio's init_functions;
 * initramfs-tools' scripts (with `panic=` it reboots instead); Alpine's initramfs-init.
 */
const SHELLS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^You are in rescue mode\b/, "rescue mode"],
  [/^(?:You are in emergency mode\b|Entering emergency mode\.)/, "emergency mode"],
  [/^You are now being dropped into an emergency shell\./, "an emergency shell"],
  [/^ALERT! .* Dropping to a shell!$/, "a shell of its initramfs"],
  [/^initramfs emergency recovery shell launched/, "a shell of its initramfs"],
];

/** systemd's lines about units: what failed, and then what could not be done without it. Source: src/core/job.c, job_start_message_formats. */
const UNIT = /^\[ *(FAILED|TIME|DEPEND) *\] (.*)$/;

/** Words of which one is in every line that matters here. */
export const STRANDED_WORDS: readonly string[] = "FAILED|TIME|DEPEND|rescue mode|emergency|ALERT!".split("|");

/** Where a line is too long for the terminal systemd leaves out its middle, and with it the end of an escape sequence. */
// oxlint-disable-next-line no-control-regex -- Terminals' escape sequences are what it looks for.
const CUT_ESCAPE = /\u001b\[?[\d;:]*/g;

export function strandedBoot(): StrandedBoot {
  let failure: string | null = null;
  let hasConsequence = false;
  return {
    line(text) {
      // A line that tells how a job gets on is written over.
      const line = text.slice(text.lastIndexOf("\r") + 1);
      const [, word, message = ""] = UNIT.exec(line) ?? [];
      if (word === "DEPEND") hasConsequence = failure !== null;
      else if (word !== undefined && !hasConsequence) failure = message.replaceAll(CUT_ESCAPE, "");
      const shell = SHELLS.find(([pattern]) => pattern.test(line));
      if (shell === undefined) return null;
      const reason = failure ?? (line.startsWith("ALERT!") ? line : null);
      return `The guest ended in ${shell[1]}${reason === null ? "." : `: ${reason}`}`;
    },
  };
}
