import { kconfigCommand } from "@vm/command-guide";
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
import type { CommandModule } from "../command-module.js";
import { definition } from "../define-command.js";
import { writeOutput } from "../output.js";
import { ownHost } from "../own-host.js";

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

export const define: CommandModule["define"] = definition(kconfigCommand, (context) => ({
  merge: async (fragments: string[], options: MergeOptions) => {
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
  },
  check: async (kernel: string, fragments: readonly string[], options: CheckOptions) => {
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
}));

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
