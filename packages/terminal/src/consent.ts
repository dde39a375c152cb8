import { readSync } from "node:fs";
import { isatty } from "node:tty";
import { codedError } from "@vm/command-plan";

/**
 * Asks the person at the terminal before something is lost.
 * @param write takes the question
 * @throws CONFIRMATION_NEEDED where nobody sits there, or the answer is no
 */
export function askForConsent(question: string, write: (text: string) => void): void {
  if (!isatty(0)) {
    throw codedError(
      "CONFIRMATION_NEEDED",
      `${question} Nobody can be asked: standard input is no terminal`,
      {
        hint: "--yes says it beforehand; nothing was changed.",
      },
    );
  }
  write(`vm: ${question} [y/N] `);
  const answer = Buffer.alloc(64);
  const length = readSync(0, answer);
  if (/^y(?:es)?\s*$/i.test(answer.toString("utf8", 0, length))) return;
  throw codedError("CONFIRMATION_NEEDED", "nothing was changed");
}
