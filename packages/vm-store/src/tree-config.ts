import { lstatSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { codedError, errorCode } from "@vm/command-plan";
import { foreignOwner, foreignWriter, isWithin, readRegularText } from "@vm/host-files";
import { readCaught } from "./caught-error.js";
import { readSettings, type RunDefaults } from "./settings.js";
import { homeOf, type Environment } from "./user-config.js";

/** What a tree of sources says of runs in it. */
export interface TreeConfig {
  /** Absolute. */
  readonly file: string;
  readonly defaults: RunDefaults;
}

/** Its name, in a directory or above it. */
const fileName = "vm.config.json";

/**
 * Reads the `vm.config.json` that is nearest to a directory, upwards; undefined where there is none. `VM_CONFIG` names another file, or says
 * `none`. It is data, and says nothing of this machine: what would open the host has to be below its own directory, and a file that is
 * another's, or that others can write, cannot open it at all.
 *
 * @throws TREE_CONFIG_INVALID, TREE_CONFIG_UNREADABLE, TREE_CONFIG_UNTRUSTED
 */
export function readTreeConfig({
  cwd,
  env,
}: {
  readonly cwd: string;
  readonly env: Environment;
}): TreeConfig | undefined {
  const named = env["VM_CONFIG"];
  if (named === "none") return undefined;
  const file = named ? join(named.startsWith("/") ? "/" : cwd, named) : findUpwards(cwd);
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readRegularText(file, { maxBytes: 1 << 20 });
  } catch (cause) {
    const { message } = readCaught(cause);
    throw codedError("TREE_CONFIG_UNREADABLE", `${file}: cannot be read: ${message}`, {
      hint: "VM_CONFIG=none does without it.",
      cause,
    });
  }
  const directory = dirname(file);
  const defaults = readSettings({
    file,
    text,
    scope: "tree",
    code: "TREE_CONFIG_INVALID",
    home: homeOf(env),
    directory,
  });
  const { rw = [] } = defaults;
  if (rw.length > 0) refuseForeign(file, env);
  for (const [index, path] of rw.entries()) {
    if (isBelow(path, directory)) continue;
    throw codedError("TREE_CONFIG_UNTRUSTED", `${file}: rw[${index}]: ${path} is not below ${directory}`, {
      hint: "A tree may open only itself to a guest: write it in your own config.json, or give --rw.",
    });
  }
  return { file, defaults };
}

function findUpwards(cwd: string): string | undefined {
  for (let directory = cwd; ; directory = dirname(directory)) {
    const file = join(directory, fileName);
    if (isThere(file)) return file;
    if (directory === dirname(directory)) return undefined;
  }
}

/** A link counts, wherever it leads: that it leads nowhere is told by who reads it. What a directory hides from its user counts as none. */
function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (errorCode(error) === "EACCES") return false;
    throw error;
  }
}

/** Whoever can write the file, or put another one there, would choose what the kernel under test may write to. */
function refuseForeign(file: string, env: Environment): void {
  for (const path of [file, dirname(file)]) {
    if (foreignOwner(path, env) === undefined && foreignWriter(path, env) === undefined) continue;
    throw codedError(
      "TREE_CONFIG_UNTRUSTED",
      `${file}: rw: other users can write ${path}, and would open this machine to the guest`,
      {
        hint: "Take rw out of it and give --rw, or make the tree yours alone; VM_CONFIG=none does without it.",
      },
    );
  }
}

/** By their real paths: a link may lead out of the tree. */
function isBelow(path: string, directory: string): boolean {
  try {
    const [inner, outer] = [realpathSync(path), realpathSync(directory)];
    return isWithin(inner, outer);
  } catch (error) {
    // The run says that it is not there.
    return errorCode(error) === "ENOENT" && path.startsWith(directory + sep);
  }
}
