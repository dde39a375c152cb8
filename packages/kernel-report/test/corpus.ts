import { readdirSync, readFileSync } from "node:fs";

const directory = new URL("corpus/", import.meta.url);

/** Consoles of real kernels, by name. */
export const corpus: ReadonlyMap<string, string> = new Map(
  readdirSync(directory)
    .filter((name) => name.endsWith(".log"))
    .map((name) => [name.slice(0, -".log".length), readFileSync(new URL(name, directory), "utf8")]),
);

export function consoleOf(name: string): string[] {
  const text = corpus.get(name);
  if (text === undefined) throw new Error(`no console of that name: ${name}`);
  return text.split("\n");
}
