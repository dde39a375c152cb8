import { isAbsolute, join, resolve } from "node:path";
import { accessSync, constants } from "node:fs";
import { codedError, execute, toScript, type Plan } from "@vm/command-plan";
import {
  findQemu,
  foregroundStatus,
  hostKernelOptions,
  parseAcceleratorRequest,
  resolveAccelerator,
  runForeground,
} from "@vm/guest-run";
import { resolveKernel } from "@vm/kernel-build";
import { parseArgv, renderArgv, requestedBoot, type QemuOption } from "@vm/qemu-argv";
import { loadConfig, lockVm, readUserConfig, resolveVmHome, type VmConfig } from "@vm/vm-store";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption, type DryRun } from "../dry-run.js";
import { writeNotice, writeOutput } from "../output.js";
