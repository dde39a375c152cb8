import { plainText } from "@vm/command-plan";

/** The longest name of a command, in characters. */
const LONGEST = 60;

/** A short name of one line for a command. */
export function testName(command: Uint8Array): string {
  const words = plainText(Buffer.from(command).toString("utf8")).trim();
  const [first = ""] = words.split("\n");
  const line = first.trim().replace(/\s+/g, " ");
  if (line === "") return "(nothing)";
  const characters = Array.from(new Intl.Segmenter().segment(line), ({ segment }) => segment);
  if (characters.length > LONGEST)
    return `${characters
      .slice(0, LONGEST - 1)
      .join("")
      .trimEnd()}…`;
  return first === words ? line : `${line} …`;
}
