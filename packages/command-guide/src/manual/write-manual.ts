import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeInstaller, describeProgram } from "../describe-command.js";
import { commandPage } from "./command-page.js";
import { helpTopics, manualPageOf, readTopic } from "./help-topics.js";
import { documentPage } from "./markdown-page.js";
import { programPage } from "./program-page.js";
import type { Edition } from "./roff.js";

/**
 * Writes all manual pages into a directory: `man1`, `man5` and `man7` in it. What was there is removed.
 * @param documents the directory of the pages that are no command's: docs/
 */
export function writeManual(directory: string, documents: string, edition: Edition): void {
  const program = describeProgram();
  const installer = describeInstaller();
  rmSync(directory, { recursive: true, force: true });
  const topics = helpTopics(documents);
  const write = (name: string, section: number, text: string): void => {
    mkdirSync(join(directory, `man${section}`), { recursive: true });
    writeFileSync(join(directory, `man${section}`, `${name}.${section}`), text);
  };
  for (const command of program.commands) {
    const also = ["vm(1)", "vm-exit-codes(7)", "vm.mjs(5)"];
    write(`vm-${command.name}`, 1, commandPage(`vm-${command.name}`, command, { edition, also }));
  }
  write("vm", 1, programPage(program, topics, edition));
  write(
    "arch-install",
    1,
    commandPage("arch-install", installer, { edition, also: ["vm-install(1)", "pacstrap(8)"] }),
  );
  for (const topic of topics) {
    const page = manualPageOf(topic.document);
    if (page === undefined) continue;
    const about = topic.about.toLowerCase();
    write(
      page.name,
      page.section,
      documentPage({ ...page, about, text: readTopic(topic, documents) }, edition),
    );
  }
}
