import { join, resolve } from "node:path";
import type { Plan, Step } from "@vm/command-plan";
import { codedError } from "@vm/command-plan";
import { isFile, readRegularText } from "@vm/host-files";
import { foreignPart, installedCrossCompile } from "@vm/kernel-build";
import { makeArchOf, type MakeArch } from "./make-arch.js";
import { configLine } from "./config-text.js";
import type { WantedOption } from "./fragment.js";
import { readFragments } from "./fragment.js";
import { sourceOf } from "./source-tree.js";

export interface MergeRequest {
  /** Paths, or bare names in `configs`. */
  readonly fragments: readonly string[];
  /** Where the person stands; absolute. Every path here is relative to it. */
  readonly cwd: string;
  /** The directory of the fragments with bare names; absolute. */
  readonly configs?: string;
  /** A kernel source, or a directory that was once made with `O=`. */
  readonly tree: string;
  /** `O=` for a source tree: the directory for `.config` and all that is built. Made when it is not there. Default: KBUILD_OUTPUT. */
  readonly buildDirectory?: string;
  /** Where the configuration goes, instead of the tree's `.config`, which then stays as it is. */
  readonly output?: string;
  /** A configuration to start from, or a target of make (`defconfig`, `tinyconfig`). Default: the tree's `.config`, else `defconfig`. */
  readonly base?: string;
  /** `ARCH=` for make. Default: that of the base, else make's own. */
  readonly arch?: string;
  /** `ARCH` and KBUILD_OUTPUT are read from it, and PATH, for a compiler of a foreign architecture (CROSS_COMPILE). */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A merge that is ready to be done or printed. */
export interface Merge {
  readonly plan: Plan;
  readonly wanted: readonly WantedOption[];
  /** The file that will have the merged configuration. Absolute. */
  readonly output: string;
  /** The source tree, for the reasons why an option did not stick. Absolute. */
  readonly source: string;
  readonly arch: MakeArch;
}

/**
 * Plans a merge: the base, without the options that fragments set; these options; `make olddefconfig`, with no
 * questions asked. All of it happens in a directory beside the output; the file takes the output's place when it is complete.
 *
 * Throws errors with a `code`: those of `readFragments`, NOT_A_KERNEL_SOURCE, SOURCE_UNTRUSTED, MERGE_BASE_NOT_FOUND, NOTHING_TO_MERGE.
 */
export function planMerge(request: MergeRequest): Merge {
  const tree = resolve(request.cwd, request.tree);
  const source = sourceOf(tree);
  if (source === null) {
    throw codedError(
      "NOT_A_KERNEL_SOURCE",
      `${tree} is not a kernel source, and was not made from one with O=`,
      {
        hint: "Stand in the kernel's source, or name it with -C.",
      },
    );
  }
  const build = buildDirectoryOf(request, { tree, source });
  checkOwner([tree, source, ...(build === null ? [] : [build])]);
  const own = join(build ?? tree, ".config");
  const output = request.output === undefined ? own : resolve(request.cwd, request.output);
  const base = findBase(request, own);
  const arch = makeArchOf({ asked: request.arch, config: base.text, env: request.env });
  const wanted = readFragments(request.fragments, {
    cwd: request.cwd,
    arch: arch.fragments,
    ...(request.configs === undefined ? {} : { configs: request.configs }),
  });
  if (wanted.length === 0) throw codedError("NOTHING_TO_MERGE", "the fragments set no option at all");
  const directory = `${output}.merge`;
  const work = join(directory, "config");
  // Many options depend on what the compiler can do.
  const prefix = arch.make === null ? undefined : installedCrossCompile(arch.make, { env: request.env });
  const make = (target: string): Step => ({
    kind: "run",
    argv: [
      "make",
      "-s",
      "-C",
      tree,
      ...(build === null ? [] : [`O=${build}`]),
      ...(arch.make === null ? [] : [`ARCH=${arch.make}`]),
      ...(prefix === undefined ? [] : [`CROSS_COMPILE=${prefix}`]),
      `KCONFIG_CONFIG=${work}`,
      target,
    ],
    input: "",
  });
  const plan: Step[] = [
    ...(build === null ? [] : [{ kind: "make-directory", path: build, parents: true } as const]),
    { kind: "make-directory", path: directory, parents: true },
    { kind: "remove-at-end", path: directory },
    ...(base.file === null
      ? [make(base.target)]
      : [{ kind: "run", argv: ["cp", "--no-preserve=all", "--", base.file, work] } as const]),
    {
      kind: "comment",
      text: `Options from ${request.fragments.join(", ")} in the place of those of the base.`,
    },
    { kind: "run", argv: ["sed", "-i", "-E", deletionOf(wanted), work] },
    {
      kind: "run",
      argv: ["dd", `of=${work}`, "oflag=append", "conv=notrunc", "status=none"],
      input: wanted.map(({ option, value }) => `${configLine(option, value)}\n`).join(""),
    },
    make("olddefconfig"),
    ...(isFile(output) ? [{ kind: "run", argv: ["cp", "-p", "--", output, `${output}.old`] } as const] : []),
    { kind: "rename", from: work, to: output },
  ];
  return { plan, wanted, output, source, arch };
}

/** make runs what is in them: Makefiles, scripts, and the programs that it has built there before. */
function checkOwner(directories: readonly string[]): void {
  const part = foreignPart(directories);
  if (part === null) return;
  throw codedError("SOURCE_UNTRUSTED", `make is not run there: ${part}`, {
    hint: "What make runs is programs of whoever can write them. Run vm as the one who owns it, or merge in a copy of your own.",
  });
}

type Base =
  | { readonly file: string; readonly text: string }
  | { readonly file: null; readonly target: string; readonly text: null };

function findBase({ base, cwd }: MergeRequest, own: string): Base {
  if (base === undefined) {
    return isFile(own) ? fileBase(own) : { file: null, target: "defconfig", text: null };
  }
  const path = resolve(cwd, base);
  if (isFile(path)) return fileBase(path);
  if (/^\w*config$/.test(base)) return { file: null, target: base, text: null };
  throw codedError("MERGE_BASE_NOT_FOUND", `there is no ${path} to start from`, {
    hint: "Name a configuration, or a target of the kernel's make such as defconfig or tinyconfig.",
  });
}

function fileBase(file: string): Base {
  return { file, text: readRegularText(file) };
}

/**
 * What `O=` says, else the environment's KBUILD_OUTPUT, which make takes as relative to the tree; null where all of it is in the tree. In a
 * directory that was made with O= make runs with that one, whatever the environment says.
 */
function buildDirectoryOf(
  { buildDirectory, cwd, env }: MergeRequest,
  { tree, source }: { readonly tree: string; readonly source: string },
): string | null {
  if (buildDirectory !== undefined) return resolve(cwd, buildDirectory);
  const output = env["KBUILD_OUTPUT"] ?? "";
  return output === "" || tree !== source ? null : resolve(tree, output);
}

/** For sed: removes every line about the wanted options. */
function deletionOf(wanted: readonly WantedOption[]): string {
  const names = wanted.map(({ option }) => option.slice("CONFIG_".length)).join("|");
  return `/^(# )?CONFIG_(${names})(=| is not set)/d`;
}
