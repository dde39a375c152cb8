#!/usr/bin/env node
"use strict";
require("../dist/vm.cjs");
