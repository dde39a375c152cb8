import type { CommandDescription } from "../command-description.js";
import { manualPageOf, type HelpTopic } from "./help-topics.js";
import { bold, roffText, roffPage, roffTitle, roffVerbatim, type Edition } from "./roff.js";

const examples = [
  "vm create -c 4 -m 2G -s 16G TestVM",
  "vm run TestVM -- -cdrom arch.iso",
  "vm run TestVM -k ~/linux",
  "vm run -k . --exec 'uname -r'",
];

/** The page of `vm` itself. */
export function programPage(
  { commands, options }: Pick<CommandDescription, "commands" | "options">,
  topics: readonly HelpTopic[],
  edition: Edition,
): string {
  const lines = [
    roffTitle({ name: "vm", section: 1 }, edition),
    ".SH NAME",
    String.raw`vm \- create QEMU virtual machines, and boot the kernel you have just compiled`,
    ".SH SYNOPSIS",
    `${bold("vm")} \\fIcommand\\fR [options]`,
    ".br",
    `${bold("vm help")} [\\fIcommand\\fR | \\fItopic\\fR]`,
    ".SH DESCRIPTION",
    "A kernel developer edits, compiles, and runs the fresh kernel straight from its build tree, with its modules, in a real guest.",
    "Nothing is installed anywhere.",
    `Every command takes ${bold("--help")}, and ${bold("--dry-run")}, which prints a shell script that does the same.`,
    "Standard output is the product; everything else is said on standard error.",
    ".SH COMMANDS",
    ...commands.flatMap(({ name, aliases, summary }) => [
      ".TP",
      [`${bold(`vm-${name}`)}(1)`, ...aliases.map(bold)].join(", "),
      roffText(summary),
    ]),
    ".SH OPTIONS",
    "Of every command, before its name or behind it:",
    ...options.flatMap(({ term, about }) => [".TP", bold(term), roffText(about)]),
    ".SH EXAMPLES",
    ...roffVerbatim(examples),
    ".SH EXIT STATUS",
    `0: done. 1: it could not be done, and standard error says why. 2: wrong use. ${bold("vm-exit-codes")}(7) has all of them.`,
    ".SH ENVIRONMENT",
    ...(
      [
        ["VM_HOME", "The directory that holds the virtual machines."],
        ["VM_CACHE_HOME", "Where what can be made again is kept, in the place of ~/.cache/vm."],
        ["NO_COLOR", "No colours, where it is not empty."],
        ["VM_ACCEL", "auto, kvm or tcg, where --accel does not say it."],
      ] as const
    ).flatMap(([name, about]) => [".TP", bold(name), roffText(about)]),
    ".SH FILES",
    ".TP",
    bold("~/.config/vm/config.json"),
    `The user's configuration: ${bold("vm.mjs")}(5).`,
    ".SH SEE ALSO",
    topics
      .flatMap(({ document }) => manualPageOf(document) ?? [])
      .map(({ name, section }) => `${bold(name)}(${section})`)
      .join(",\n"),
  ];
  return roffPage(lines);
}
