import { isatty } from "node:tty";
import { toScript } from "@vm/command-plan";
import {
  checkGitOptions,
  type DryRun,
  type GitKernelOptions,
  parseRevisionBuild,
  usageError,
} from "@vm/command-requests";
import {
  decodedLogData,
  decodeLog,
  describeDecoded,
  renderJson,
  type DecodedLog,
  type DecodeRequest,
} from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { coloursFor, writeNotice, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { collect } from "../repeatable-option.js";
import { paintedLine } from "../report-colours.js";
import { addGitOptions } from "../run/git-options.js";

interface DecodeOptions extends DryRun, GitKernelOptions {
  readonly kernel?: string;
  readonly module?: readonly string[];
  readonly full?: true;
  readonly json?: true;
}

const examples = `
Finds what the kernel complained of in a console log, or in what dmesg or journalctl -k printed, and says for each stack which lines of
the source it stands for. A piece of a stack alone will do. The log may come from another machine: the kernel must be the one that ran.
Lines come from the kernel's vmlinux and its modules' .ko, which need CONFIG_DEBUG_INFO_DWARF_TOOLCHAIN_DEFAULT=y (the fragment gdb).

Examples:
  vm decode console.log -k ~/linux
  dmesg | vm decode -k host
  vm decode oops.txt -k ~/linux --module ~/hello/hello.ko --json | jq '.reports[0].place'
`;

export function define(command: Command, context: CommandContext): void {
  addGitOptions(
    command
      .usage("[options] [file|-] -k <build>")
      .argument("[file]", "the log; - or nothing: standard input")
      .option("-k, --kernel <build>", "the kernel that ran: all that vm run -k takes")
      .option(
        "--module <path>",
        "a module that is not of the kernel's tree: its .ko, or the directory of it (repeatable)",
        collect,
      )
      .option("--full", "show registers and code bytes too")
      .option("--json", "print a JSON document")
      .option(...dryRunOption),
  )
    .addHelpText("after", examples)
    .action(async (file: string | undefined, options: DecodeOptions) => {
      const { kernel, json, full, module } = options;
      if (kernel === undefined) {
        throw usageError("no kernel given: name the one that ran with -k BUILD");
      }
      if (json === true && full === true) throw usageError("--json has everything: it takes no --full");
      checkGitOptions([kernel], options);
      const isInput = file === undefined || file === "-";
      if (isInput && isatty(0)) {
        throw usageError(
          "no log given",
          "Name a file, or give it on standard input: dmesg | vm decode -k host",
        );
      }
      const build = parseRevisionBuild(options);
      const request: DecodeRequest = {
        operation: "decode",
        kernel,
        ...(build === undefined ? {} : { build }),
        ...(isInput ? {} : { log: file }),
        ...(module === undefined ? {} : { modules: module }),
      };
      const host = ownHost(context);
      if (options.dryRun === true) {
        writeOutput(toScript(host.repeat()));
        return;
      }
      printLog(await decodeLog(request, process.stdin, host), options, context);
    });
}

function printLog(log: DecodedLog, options: DecodeOptions, context: CommandContext): void {
  const { cwd, env } = context;
  const { blocks, notices, isFound } = describeDecoded(log, {
    details: options.full === true ? "whole" : "folded",
    cwd,
  });
  if (options.json === true) {
    writeOutput(renderJson(decodedLogData(log)));
  } else if (blocks.length > 0) {
    const colours = coloursFor(process.stdout, env);
    const texts = blocks.map((block) => block.map((line) => paintedLine(line, colours)).join("\n"));
    writeOutput(`${texts.join("\n\n")}\n`);
  }
  for (const notice of notices) writeNotice(notice);
  if (!isFound) context.setExitCode(1);
}
