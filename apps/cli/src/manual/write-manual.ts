import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineProgram } from "@vm/arch-installer";
import { Command } from "commander";
import { commandTable } from "../command-table.js";
import { helpTopics, manualPageOf, readTopic } from "../help-topics.js";
import { commandPage } from "./command-page.js";
import { documentPage } from "./markdown-page.js";
import { programPage } from "./program-page.js";
import type { Edition } from "./roff.js";

/** Writes all manual pages into a directory: `man1`, `man5` and `man7` in it. */
export async function writeManual(directory: string): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  const edition = readEdition();
  const topics = helpTopics();
  const write = (name: string, section: number, text: string): void => {
    mkdirSync(join(directory, `man${section}`), { recursive: true });
    writeFileSync(join(directory, `man${section}`, `${name}.${section}`), text);
  };
  const program = new Command("vm");
  for (const { name, summary, load } of commandTable) {
    const command = program.command(name).summary(summary).description(summary);
    (await load()).define(command, { env: {}, cwd: "/", setExitCode: () => {} });
    const also = ["vm(1)", "vm-exit-codes(7)", "vm.mjs(5)"];
    write(`vm-${name}`, 1, commandPage(`vm-${name}`, command, { edition, also }));
  }
  write("vm", 1, programPage(commandTable, topics, edition));
  const installer = defineProgram(new Command("arch-install").helpOption("-h, --help", "display help"));
  write(
    "arch-install",
    1,
    commandPage("arch-install", installer, { edition, also: ["vm-install(1)", "pacstrap(8)"] }),
  );
  for (const topic of topics) {
    const page = manualPageOf(topic.document);
    if (page === undefined) continue;
    const about = topic.about.toLowerCase();
    write(page.name, page.section, documentPage({ ...page, about, text: readTopic(topic) }, edition));
  }
}

/** The date is the commit's, so that the same sources make the same bytes; SOURCE_DATE_EPOCH goes before it. */
function readEdition(): Edition {
  const manifest: { version: string } = JSON.parse(
    readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"),
  );
  const seconds = process.env["SOURCE_DATE_EPOCH"] ?? commitTime() ?? String(Math.floor(Date.now() / 1000));
  return { version: manifest.version, date: new Date(Number(seconds) * 1000).toISOString().slice(0, 10) };
}

function commitTime(): string | undefined {
  try {
    const text = execFileSync("git", ["log", "-1", "--format=%ct"], {
      cwd: import.meta.dirname,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    return text === "" ? undefined : text;
  } catch {
    return undefined;
  }
}
