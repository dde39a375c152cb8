import { isatty } from "node:tty";
import { decodeCommand } from "@vm/command-guide";
import { decodeRequest, type DecodeOptions } from "@vm/command-requests";
import {
  decodedLogData,
  decodeLog,
  describeDecoded,
  paintedLine,
  renderJson,
  type DecodedLog,
} from "@vm/operations";
import { ownScript } from "../background/own-script.js";
import type { CommandContext, CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { carryOut } from "../dry-run.js";
import { coloursFor, writeNotice, writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

export const define: CommandModule["define"] = definition(
  decodeCommand,
  (context) => async (file: string | undefined, options: DecodeOptions) => {
    const request = decodeRequest(file, options, isatty(0) ? "terminal" : "file");
    const host = ownHost(context);
    await carryOut(
      options,
      () => ownScript(host),
      async () => printLog(await decodeLog(request, process.stdin, host), options, context),
    );
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
