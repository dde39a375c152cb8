import { execFileSync } from "node:child_process";
import { defineProgram } from "@vm/arch-installer";
import { writeManual, type Edition } from "@vm/command-guide";
import { Command } from "commander";
import { describeCommand } from "./command-description.js";
import { commandTable } from "./command-table.js";
import { helpOfAll } from "./global-options.js";
import { ownFiles } from "./own-files.js";
import { readManifest } from "./own-version.js";

/** Writes the manual pages of all commands and of docs/ into a directory, for the build. */
export async function writeOwnManual(directory: string): Promise<void> {
  const program = new Command("vm").configureHelp(helpOfAll);
  for (const { name, alias, summary, load } of commandTable) {
    const command = program.command(name).summary(summary).description(summary);
    if (alias !== undefined) command.alias(alias);
    (await load()).define(command, { env: {}, cwd: "/", setExitCode: () => {} });
  }
  const installer = defineProgram(new Command("arch-install").helpOption("-h, --help", "display help"));
  const sources = {
    program: describeCommand(program),
    installer: describeCommand(installer),
    documents: ownFiles("docs"),
  };
  writeManual(directory, sources, readEdition());
}

/** The date is the commit's, so that the same sources make the same bytes; SOURCE_DATE_EPOCH goes before it. */
function readEdition(): Edition {
  const seconds = process.env["SOURCE_DATE_EPOCH"] ?? commitTime() ?? String(Math.floor(Date.now() / 1000));
  return {
    version: readManifest().version,
    date: new Date(Number(seconds) * 1000).toISOString().slice(0, 10),
  };
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
