import { plainText } from "@vm/command-plan";
import {
  checkGitOptions,
  type DryRun,
  type GitKernelOptions,
  parseRevisionBuild,
  usageError,
} from "@vm/command-requests";
import { allFeatures, type Feature } from "@vm/kernel-build";
import {
  checkConfig,
  checkScript,
  describeCheck,
  describeMerge,
  mergeConfig,
  mergeScript,
  type CheckConfigRequest,
  type MergeConfigRequest,
  renderJson,
} from "@vm/operations";
import type { Command } from "commander";
import type { CommandContext } from "../command-module.js";
import { dryRunOption } from "../dry-run.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";
import { addGitConfigurationOptions } from "../run/git-options.js";

interface MergeOptions extends DryRun {
  readonly tree: string;
  readonly buildDir?: string;
  readonly output?: string;
  readonly base?: string;
  readonly arch?: string;
  readonly json?: true;
}

interface CheckOptions extends DryRun, Omit<GitKernelOptions, "jobs"> {
  readonly for?: string;
  readonly exact?: true;
  readonly tree?: string;
  readonly json?: true;
}

const examples = `
Examples:
  vm kconfig merge qemu                       into .config of the kernel source here
  vm kconfig merge qemu kasan --base defconfig -O ../build
  vm kconfig merge qemu my.fragment -o /tmp/config
  vm kconfig check ~/linux                    what it lacks for vm run
  vm kconfig check /boot/vmlinuz-6.1.0 xfstests
  vm kconfig check linux-image-6.1.0-56-amd64_6.1.192-1_amd64.deb
  vm kconfig check git:v6.12 --for disk,network

Fragments are files, or the names of those that come with vm: qemu, debug, kasan,
lockdep, filesystems, blktests, xfstests, small, vsock, gdb, trace.
`;

export function define(command: Command, context: CommandContext): void {
  command.addHelpText("after", examples);
  defineMerge(command.command("merge"), context);
  defineCheck(command.command("check"), context);
}

function defineMerge(command: Command, context: CommandContext): void {
  command
    .description("merge fragments into a kernel's configuration, and explain which options were lost")
    .argument("<fragments...>", "fragments; of an option set twice the last one counts")
    .option("-C, --tree <dir>", "the kernel's source, or a directory made from it with O=", ".")
    .option("-O, --build-dir <dir>", "make's O=: where .config and the build are (default: $KBUILD_OUTPUT)")
    .option("-o, --output <file>", "write the configuration there, and leave .config alone")
    .option("--base <config>", "a file or a target of make to start from (default: .config, else defconfig)")
    .option("--arch <arch>", "make's ARCH= (default: that of the base)")
    .option("--json", "print a JSON document")
    .option(...dryRunOption)
    .action(async (fragments: string[], options: MergeOptions) => {
      const { tree, buildDir: buildDirectory, output, base, arch } = options;
      const request: MergeConfigRequest = {
        operation: "merge-config",
        fragments,
        tree,
        ...(buildDirectory === undefined ? {} : { buildDirectory }),
        ...(output === undefined ? {} : { output }),
        ...(base === undefined ? {} : { base }),
        ...(arch === undefined ? {} : { arch }),
      };
      const host = ownHost(context);
      if (options.dryRun === true) {
        const script = await mergeScript(request, host);
        if (options.json === true) {
          throw usageError("--json: the script of a dry run prints what vm kconfig check says, as text");
        }
        writeOutput(script);
        return;
      }
      // What make says is not the product.
      const report = await mergeConfig(request, host, 2);
      writeOutput(options.json === true ? renderJson(report) : plainText(describeMerge(report)));
      if (report.lost.length > 0) context.setExitCode(1);
    });
}

function defineCheck(command: Command, context: CommandContext): void {
  const described = command
    .description("show what a kernel's configuration lacks for vm, and for fragments")
    .argument(
      "<kernel>",
      "a build tree, a .config, an image, a package, an installed release, host or git:REVISION",
    )
    .argument("[fragments...]", "fragments whose options are asked for as well")
    .option("--for <features>", `only these: ${allFeatures.join(",")}, or none (default: all)`)
    .option("--exact", "with fragments: a module where one builds in, or the other way round, counts as lost")
    .option("-C, --tree <dir>", "the kernel's source, for the reasons why a fragment's option is not set")
    .option("--json", "print a JSON document")
    .option(...dryRunOption);
  addGitConfigurationOptions(described).action(
    async (kernel: string, fragments: readonly string[], options: CheckOptions) => {
      checkGitOptions([kernel], options);
      checkFragmentOptions(fragments, options);
      const build = parseRevisionBuild(options);
      const request: CheckConfigRequest = {
        operation: "check-config",
        kernel,
        fragments,
        ...(build === undefined ? {} : { build }),
        ...(options.for === undefined ? {} : { features: featuresOf(options.for) }),
        ...(options.exact === true ? { otherForm: "lost" } : {}),
        ...(options.tree === undefined ? {} : { source: options.tree }),
      };
      const host = ownHost(context);
      if (options.dryRun === true) {
        writeOutput(await checkScript(request, { json: options.json === true }, host));
        return;
      }
      const check = await checkConfig(request, host);
      writeOutput(options.json === true ? renderJson(check) : plainText(describeCheck(check)));
      if (!check.passed) context.setExitCode(1);
    },
  );
}

/** What is about fragments means nothing without one. */
function checkFragmentOptions(fragments: readonly string[], options: CheckOptions): void {
  if (fragments.length > 0) return;
  const flags = { "--exact": options.exact, "-C": options.tree };
  const orphan = Object.entries(flags).find(([, value]) => value !== undefined)?.[0];
  if (orphan !== undefined) {
    throw usageError(`${orphan} needs a fragment, and none is named`, "Name one after the kernel: qemu.");
  }
  if (options.for === "none") {
    throw usageError(
      "--for none asks for fragments alone, and none is named",
      "Name one after the kernel: qemu.",
    );
  }
}

function featuresOf(text: string): Feature[] {
  if (text === "none") return [];
  return text.split(",").map((word) => {
    const feature = allFeatures.find((name) => name === word);
    if (feature !== undefined) return feature;
    throw usageError(`--for: there is no feature ${word}; there are ${allFeatures.join(", ")}`);
  });
}
