import { decodeCommand } from "@vm/command-guide";
import { definition } from "../define-command.js";
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
import type { CommandContext, CommandModule } from "../command-module.js";
import { coloursFor, writeNotice, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { paintedLine } from "../report-colours.js";

interface DecodeOptions extends DryRun, GitKernelOptions {
  readonly kernel?: string;
  readonly module?: readonly string[];
  readonly full?: true;
  readonly json?: true;
}

export const define: CommandModule["define"] = definition(
  decodeCommand,
  (context) => async (file: string | undefined, options: DecodeOptions) => {
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
  },
);

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
