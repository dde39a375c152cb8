import { splitAtDashes, splitLeading, type CommandLine } from "@vm/command-guide";
import { hasPackages, packageHint } from "@vm/command-requests";
import { Command } from "commander";
import type { CommandContext } from "./command-module.js";
import { errorCode, plainText } from "@vm/command-plan";
import { commandTable } from "./command-table.js";
import type { ExitReader } from "@vm/operations/failure";
import { reportFailure } from "./failure.js";
import { heed, heedAmong, helpOfAll } from "./global-options.js";
import { manner, writeError, writeNotice, writeOutput } from "./output.js";
import { ownFiles } from "./own-files.js";
import { versionText } from "./own-version.js";

/** How long the process may outlive its command: far longer than writing out what is buffered takes. */
const LEFTOVER_LIMIT_MS = 3000;

const examples = `
Examples:
  vm create -c 4 -m 2G -s 16G TestVM      a directory, a configuration and a blank disk
  vm run TestVM -- -cdrom arch.iso        boot it; what follows -- goes to QEMU
  vm run TestVM -k ~/linux                boot the kernel just built, with its modules
  vm run TestVM -k ~/linux -n             print that as a shell script instead

vm help TOPIC shows a page, such as exit-codes, guest-contract or debugging; vm help topics lists them.
`;

/**
 * What is wrong with the command line, and what would be right. Where standard error takes nothing, the exit code has to say it; where 2
 * may be a command's status, that is the one for lost output.
 */
function writeUsage(text: string): void {
  try {
    writeError(text);
  } catch (error) {
    if (reader === "command") throw error;
  }
}

/** Of the command that was asked for, once its options are read. */
let namedKernels = (): readonly string[] | undefined => [];

async function buildProgram(
  { words, afterDashes }: CommandLine,
  setExitCode: CommandContext["setExitCode"],
): Promise<Command> {
  const program = new Command("vm")
    .configureHelp(helpOfAll)
    .description("Create QEMU virtual machines, and boot the kernel you have just compiled.")
    .helpCommand("help [command]", "help for a command, or a topic")
    .exitOverride()
    .showHelpAfterError("(vm --help lists the commands; the options of a command stand after its name)")
    .configureOutput({ writeOut: writeOutput, writeErr: writeUsage })
    .addHelpText("after", examples);
  if (words.includes("--version") || words.includes("-V"))
    program.version(versionText(), "-V, --version", "print the version");
  else program.option("-V, --version", "print the version");
  const wanted = words.find((word) => !word.startsWith("-") && word !== "help");
  const selected = commandTable.find(
    ({ name, alias }) => wanted !== undefined && (name === wanted || alias === wanted),
  );
  // The others are made only for the help and for suggestions: each costs as much as reading a small file.
  for (const { name, alias, summary, load } of selected === undefined ? commandTable : [selected]) {
    const command = program.command(name).summary(summary).description(summary);
    if (alias !== undefined) command.alias(alias);
    if (selected === undefined) continue;
    command.exitOverride().showHelpAfterError(`(vm ${name} --help explains the options)`);
    namedKernels = () => (name === "doctor" ? undefined : kernelsOf(command));
    (await load()).define(command, {
      env: process.env,
      cwd: process.cwd(),
      ...(afterDashes === undefined ? {} : { afterDashes }),
      namedKernels,
      setExitCode,
    });
  }
  return program;
}

/** What `-k`, or the only argument of `vm kernel` and `vm modules`, named. */
function kernelsOf(command: Command): readonly string[] {
  const { kernel }: { readonly kernel?: unknown } = command.opts();
  const isArgument = command.registeredArguments[0]?.name() === "kernel";
  return [kernel ?? (isArgument ? command.args[0] : undefined)]
    .flat()
    .filter((each) => typeof each === "string");
}

/** What bin/vm.cjs has set for a program that ends before it knows better. */
const unforeseen = Number(process.exitCode ?? 1);
const readers: Readonly<Record<number, ExitReader>> = { 128: "bisection", 249: "command" };
const reader = readers[unforeseen] ?? "caller";
let isDone = false;
/** While a configuration is loaded `process.exit` is another. */
const exit = process.exit.bind(process);

function end(exitCode: number): void {
  isDone = true;
  process.exitCode = exitCode;
}

/** What `vm help TOPIC` prints; undefined where there is no such topic. */
async function helpText(name: string): Promise<string | undefined> {
  const { findTopic, helpPage, listTopics } = await import("@vm/command-guide");
  const documents = ownFiles("docs");
  if (name === "topics") return listTopics(documents);
  const topic = findTopic(name, documents);
  return topic === undefined ? undefined : helpPage(topic, documents);
}

async function main(argv: readonly string[]): Promise<void> {
  const { leading, rest } = splitLeading(argv);
  heed(leading);
  const commandLine = splitAtDashes(rest);
  const [first, second] = commandLine.words;
  // Help for a command that there is not: the suggestion that the command itself gets.
  const isUnknown =
    first === "help" &&
    second !== undefined &&
    !commandTable.some(({ name, alias }) => name === second || alias === second);
  const words = isUnknown ? [second] : commandLine.words;
  let exitCode = 0;
  try {
    const page = isUnknown ? await helpText(second) : undefined;
    if (page !== undefined) {
      writeOutput(plainText(page));
      end(0);
      return;
    }
    const program = await buildProgram({ ...commandLine, words }, (code) => {
      exitCode = code;
    });
    if (words.length === 0) program.help({ error: true });
    const own = await heedAmong(words);
    if (manner.isVerbose) (await import("./verbose.js")).tellOwnPrograms();
    await program.parseAsync([...own], { from: "user" });
  } catch (error) {
    // commander ends help with the exit code that stands there, which is ours for a program that ends too early.
    const isHelp = errorCode(error) === "commander.help" && words.slice(0, 2).includes("help");
    exitCode = isHelp ? 0 : reportFailure(error, { env: process.env, reader, kernels: namedKernels() });
    if (errorCode(error) === "commander.excessArguments" && hasPackages(words))
      writeUsage(`vm:   ${packageHint}\n`);
  }
  end(exitCode);
  // A timer or a socket of a configuration may still be there: it does not keep us for long. The first timer of a process takes
  // a third of a millisecond, so there is none where nothing is left.
  if (process.getActiveResourcesInfo().length > 0) setTimeout(() => exit(), LEFTOVER_LIMIT_MS).unref();
}

/** A configuration may also throw after it was loaded: one sentence then, too. */
function endUnforeseen(error: unknown): void {
  end(reportFailure(error, { env: process.env, reader, kernels: namedKernels() }));
  exit();
}

// The bin's own listeners stand behind these: to take them away costs a start more.
process.prependListener("uncaughtException", endUnforeseen);
process.prependListener("unhandledRejection", endUnforeseen);
// Nothing is left to wait for, or something has ended the program, and there is no answer.
process.on("exit", () => {
  if (isDone) return;
  process.exitCode = unforeseen;
  writeNotice("the program ended before its work was done");
});
// A service, or `env -i`, starts us with no PATH at all: then what a shell takes.
process.env["PATH"] ||= "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
void main(process.argv.slice(2));
