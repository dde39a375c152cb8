#!/usr/bin/env node
"use strict";
const { existsSync, writeSync } = require("node:fs");

/**
 * What the program ends with when nobody says otherwise, also when it ends in a way that nobody foresaw: never what says something
 * of a command or of a kernel. docs/exit-codes.md has the codes.
 */
function unforeseen([command, ...words]) {
  // Also behind a `--`, which may be the misplaced value of an option.
  if (command === "run" && words.includes("--bisect")) return 128;
  const hasCommand = words.some((word) => word === "--exec" || word.startsWith("--exec="));
  const inGuest = command === "exec" || command === "shell" || command === "test";
  return inGuest || (command === "run" && hasCommand) ? 249 : 1;
}

const given = process.argv.slice(2);
while (["--quiet", "--verbose", "--no-color"].includes(given[0])) given.shift();
const exitCode = unforeseen(given);
process.exitCode = exitCode;
for (const event of ["uncaughtException", "unhandledRejection"]) {
  process.on(event, (error) => {
    try {
      writeSync(2, `vm: ${error instanceof Error ? error.message : String(error)}\n`);
    } finally {
      process.exit(exitCode);
    }
  });
}

const loader = `${__dirname}/../dist/load-bin.cjs`;
if (existsSync(loader)) {
  require(loader).load("vm.cjs");
} else {
  process.stderr.write("vm: this clone is not built yet\nvm:   Run: npm ci && npm run build\n");
}
