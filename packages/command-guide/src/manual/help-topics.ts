import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A page of docs/ that `vm help` shows, and that is a manual page. */
export interface HelpTopic {
  readonly name: string;
  /** Its title. */
  readonly about: string;
  /** The file in docs/. */
  readonly document: string;
}

/** For those who change vm. */
const forDevelopers: ReadonlySet<string> = new Set(["architecture", "decisions"]);

/** Pages whose name is a command's. */
const renamed: Readonly<Record<string, string>> = {
  config: "configuration",
  completion: "shell-completion",
};

/** All pages for users, by name. @param directory the pages: docs/ */
export function helpTopics(directory: string): HelpTopic[] {
  return readdirSync(directory)
    .flatMap((document) => /^(.+)\.md$/.exec(document)?.[1] ?? [])
    .filter((name) => !forDevelopers.has(name))
    .toSorted()
    .map((name) => {
      const document = `${name}.md`;
      const [title = ""] = readFileSync(join(directory, document), "utf8").split("\n", 1);
      return { name: renamed[name] ?? name, about: title.replace(/^# /, ""), document };
    });
}

/** All of them, as `vm help topics` lists them. */
export function listTopics(directory: string): string {
  return helpTopics(directory)
    .map(({ name, about }) => `${name.padEnd(22)}${about}\n`)
    .join("");
}

/** The one of that name, or of which it is a word: `contract`, `exit`. */
export function findTopic(name: string, directory: string): HelpTopic | undefined {
  const topics = helpTopics(directory);
  return (
    topics.find((topic) => topic.name === name) ??
    topics.find((topic) => topic.name.split("-").includes(name))
  );
}

/** The text of a topic's page, as docs/ has it. */
export function readTopic({ document }: HelpTopic, directory: string): string {
  return readFileSync(join(directory, document), "utf8");
}

/** A topic's page for a terminal, which follows no links. */
export function helpPage(topic: HelpTopic, directory: string): string {
  return readTopic(topic, directory).replaceAll(/\[([^\]]+)\]\([^)]*\)/g, (_, words: string) =>
    words.replace(/^([\w-]+)\.md$/, (_page, name: string) => `\`vm help ${renamed[name] ?? name}\``),
  );
}

/** The manual page that a page of docs/ is; undefined for those that are none. */
export function manualPageOf(
  document: string,
): { readonly name: string; readonly section: 5 | 7 } | undefined {
  const name = document.replace(/\.md$/, "");
  if (forDevelopers.has(name)) return undefined;
  return name === "config" ? { name: "vm.mjs", section: 5 } : { name: `vm-${name}`, section: 7 };
}
