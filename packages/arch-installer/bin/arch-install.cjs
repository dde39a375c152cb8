#!/usr/bin/env node
"use strict";
const { existsSync } = require("node:fs");

const loader = `${__dirname}/../dist/load-bin.cjs`;
if (existsSync(loader)) {
  require(loader).load("arch-install.cjs");
} else {
  process.stderr.write("arch-install: this clone is not built yet\n  Run: npm ci && npm run build\n");
  process.exitCode = 1;
}
