#!/usr/bin/env node
"use strict";
require("../dist/load-bin.cjs").load("arch-install.cjs");
