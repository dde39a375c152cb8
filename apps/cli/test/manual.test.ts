import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandPage, describeProgram, documentPage, helpTopics, manualPageOf } from "@vm/command-guide";
import { Command } from "commander";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { commandTable } from "../src/command-table.js";
import { helpOfAll } from "../src/global-options.js";
import { describedByCommander } from "./described-by-commander.js";
import { sandbox } from "./vm.js";

const manual = fileURLToPath(new URL("../dist/man", import.meta.url));
const docs = fileURLToPath(new URL("../../../docs", import.meta.url));
const edition = { version: "1.2.3", date: "2026-11-29" };

function pages(): string[] {
  return readdirSync(manual, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.\d$/.test(name))
    .map((name) => join(manual, name));
}

/** What a person reads; words are not broken at the ends of lines. */
async function shown(page: string): Promise<string> {
  const { stdout } = await execa("mandoc", ["-T", "utf8", "-O", "width=1000", page]);
  return stdout.replaceAll(/.[\b]/g, "").replaceAll("\u2010", "-").replaceAll("\u2212", "-");
}

async function lint(files: readonly string[]): Promise<string> {
  const { stdout, stderr } = await execa("mandoc", ["-T", "lint", ...files], { reject: false });
  return stdout + stderr;
}

test("mandoc finds nothing wrong with any page", async () => {
  const files = pages();
  expect(files.length).toBeGreaterThan(commandTable.length);
  expect(await lint(files)).toBe("");
});

test("every command has a page, with all of its options, arguments and examples", async () => {
  for (const { name, summary, load } of commandTable) {
    const command = new Command("vm").command(name).summary(summary);
    (await load()).define(command, { env: {}, cwd: "/", setExitCode: () => {} });
    const text = await shown(join(manual, `man1/vm-${name}.1`));
    expect(text).toContain(`vm-${name} - ${summary}`);
    for (const each of [command, ...command.commands]) {
      const help = each.createHelp();
      for (const option of help.visibleOptions(each)) {
        if (each.commands.length > 0) continue;
        expect([name, text]).toEqual([name, expect.stringContaining(option.flags)]);
        expect([name, text]).toEqual([name, expect.stringContaining(option.description.trim())]);
      }
      for (const argument of help.visibleArguments(each)) expect(text).toContain(argument.description);
    }
    const { stdout: printed } = await sandbox().vm(name, "--help");
    for (const line of printed.split("\n").filter((each) => each.startsWith(`  vm ${name}`)))
      expect([name, text]).toEqual([name, expect.stringContaining(line.trim())]);
  }
});

test("what is told of the commands is what commander has of them: names, values, defaults, headings, notes", async () => {
  const program = new Command("vm").configureHelp(helpOfAll).option("-V, --version", "print the version");
  for (const { name, alias, summary, load } of commandTable) {
    const command = program.command(name).summary(summary);
    if (alias !== undefined) command.alias(alias);
    (await load()).define(command, { env: {}, cwd: "/", setExitCode: () => {} });
  }
  const { commands, options } = describedByCommander(program);
  const told = describeProgram();
  expect(told.options).toEqual(options);
  expect(told.commands).toMatchObject(
    // commander ends what it prints of them with one more line.
    commands.map((each) => ({ ...each, notes: each.notes.replace(/\n$/, "") })),
  );
});

test("what roff would read as its own is shown as it is", async () => {
  const directory = mkdtempSync(join(tmpdir(), "vm-manual-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const odd = [
    ".PP is no macro",
    "'br is none either",
    String.raw`a\fBb\n(c \\ d\e`,
    "-n --all 'quoted' \"double\" `code` ^A ~/x",
  ];
  const command = new Command("odd").description("odd things").option("--odd", odd.join(" "));
  command.addHelpText(
    "after",
    `\n${odd.join("\n")}\n\nExamples:\n${odd.map((line) => `  ${line}`).join("\n")}\n`,
  );
  const file = join(directory, "vm-odd.1");
  writeFileSync(file, commandPage("vm-odd", describedByCommander(command), { edition, also: ["vm(1)"] }));
  expect(await lint([file])).toBe("");
  const text = await shown(file);
  for (const line of odd) expect(text.split(line).length).toBeGreaterThan(2);

  const document = join(directory, "vm-odd.7");
  const cells = `| \`a\\|b\` | ${odd[2]} |`;
  writeFileSync(
    document,
    documentPage(
      {
        name: "vm-odd",
        section: 7,
        about: "odd things",
        text: `# Odd\n\n${odd[0]}\n\n- ${odd[1]}\n- [completion.md](completion.md)\n\n| A | B |\n| - | - |\n${cells}\n\n\`\`\`\n${odd.join("\n")}\n\`\`\`\n`,
      },
      edition,
    ),
  );
  expect(await lint([document])).toBe("");
  const words = await shown(document);
  for (const line of [...odd, "a|b", "vm-completion(7)"]) expect(words).toContain(line);
});

test("every page of docs/ for users is a topic of vm help, and a manual page", async () => {
  const { vm } = sandbox();
  const topics = helpTopics(docs);
  expect(topics.map(({ document }) => document)).toEqual(
    expect.arrayContaining(["exit-codes.md", "guest-contract.md", "debugging.md", "config.md"]),
  );
  const { stdout: list } = await vm("help", "topics");
  const files = pages().map((page) => page.slice(manual.length + 1));
  for (const { name, document, about } of topics) {
    expect(list).toMatch(new RegExp(`^${name} +${about}$`, "m"));
    const page = manualPageOf(document);
    expect(files).toContain(`man${page?.section}/${page?.name}.${page?.section}`);
    if (commandTable.some((command) => command.name === name)) continue;
    const ended = await vm("help", name);
    expect(ended).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining(`# ${about}\n`) });
  }
  expect((await vm("help", "contract")).stdout).toContain("The guest's contract");
  expect(await vm("help", "no-such-topic")).toMatchObject({ code: 2, stdout: "" });
  expect(files).toEqual(expect.arrayContaining(["man1/vm.1", "man1/arch-install.1", "man5/vm.mjs.5"]));
});
