#!/usr/bin/env node
"use strict";
// Watches over one guest in the background: `vm start` runs it. Its only argument is the socket that the order comes from.
process.exitCode = 1;
require(`${__dirname}/../dist/load-bin.cjs`).load("supervisor.cjs");
