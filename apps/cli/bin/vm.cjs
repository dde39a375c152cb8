#!/usr/bin/env node
"use strict";
require("../dist/bin/vm.cjs");
