#!/usr/bin/env node
"use strict";
const { existsSync } = require("node:fs");

const loader = `${__dirname}/../dist/load-bin.cjs`;
if (existsSync(loader)) {
  require(loader).load("vm.cjs");
} else {
  process.stderr.write("vm: this clone is not built yet\nvm:   Run: npm ci && npm run build\n");
  process.exitCode = 1;
}
