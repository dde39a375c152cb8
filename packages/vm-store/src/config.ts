import { join } from "node:path";
import type { QemuOption } from "@vm/qemu-argv";
import { codedError, quoteShell } from "@vm/command-plan";
import { foreignOwner, foreignWriter, isDirectory } from "@vm/host-files";
import { loadConfigModule } from "./config-module.js";
import { checkConfigExports, EXPORT_NAMES } from "./config-schema.js";
import { nearestName } from "@vm/command-plan";
import { readCaught } from "./caught-error.js";
import { listVms } from "./vm-list.js";
import { checkVmName } from "./vm-name.js";

/** A VM as its config module describes it. */
export interface VmConfig {
  readonly name: string;
  /** Absolute; QEMU's working directory, to which the paths in `qemuOptions` are relative. */
  readonly directory: string;
  /** Absolute path of the config module. */
  readonly configFile: string;
  readonly qemuOptions: QemuOption[];
  readonly kernelCmdline: string[];
  /** QEMU's name of the guest's architecture (qemu-system-ARCH), where the module names one. */
  readonly arch?: string;
}

/** The name of the config module in a VM's directory. */
export const CONFIG_FILE = "vm.mjs";

/**
 * Loads a VM's configuration. Takes no lock and writes nothing.
 * @throws VM_NAME_INVALID, VM_NOT_FOUND, CONFIG_NOT_FOUND, CONFIG_UNREADABLE, CONFIG_SYNTAX, CONFIG_THREW, CONFIG_TIMEOUT,
 *   CONFIG_INVALID,
 *   CONFIG_UNTRUSTED, VM_HOME_UNREADABLE
 */
export async function loadConfig({
  home,
  name,
}: {
  readonly home: string;
  readonly name: string;
}): Promise<VmConfig> {
  checkVmName(name);
  const directory = join(home, name);
  const configFile = join(directory, CONFIG_FILE);
  const label = `${name}/${CONFIG_FILE}`;
  let exports: Readonly<Record<string, unknown>>;
  try {
    // Whoever can write to the home could put another directory in the VM's place.
    checkTrust(home, label);
    checkTrust(directory, label);
    checkTrust(configFile, label);
    exports = await loadConfigModule({ file: configFile, label }, EXPORT_NAMES);
  } catch (error) {
    throw explainReadError({ error, home, name, directory, label });
  }
  return { name, directory, configFile, ...checkConfigExports(exports, label) };
}

/** What is in it is run as this user, and a directory's owner can put another one there. */
function checkTrust(path: string, label: string): void {
  const owner = foreignOwner(path);
  if (owner !== undefined) {
    throw codedError("CONFIG_UNTRUSTED", `${label}: ${path} belongs to another user (uid ${owner})`, {
      hint: "A config module is a program: read it, and copy the directory to make it your own.",
    });
  }
  if (foreignWriter(path) !== undefined) {
    throw codedError("CONFIG_UNTRUSTED", `${label}: other users can write to ${path}`, {
      hint: `A config module is a program: read it, and then: chmod go-w ${quoteShell(path)}`,
    });
  }
}

function explainReadError({
  error,
  home,
  name,
  directory,
  label,
}: {
  readonly error: unknown;
  readonly home: string;
  readonly name: string;
  readonly directory: string;
  readonly label: string;
}): unknown {
  const { code, syscall, message } = readCaught(error);
  // Only a failed system call is about the file; everything else was explained where it happened.
  if (syscall === undefined) return error;
  if (code !== "ENOENT" && code !== "ENOTDIR") {
    return codedError("CONFIG_UNREADABLE", `${label}: cannot be read: ${message}`, { cause: error });
  }
  if (isDirectory(directory)) {
    return codedError("CONFIG_NOT_FOUND", `${label}: no such file: ${directory} has no config module`, {
      hint: "See docs/config.md for what to write there.",
      cause: error,
    });
  }
  const near = nearestName(name, listVms(home));
  return codedError("VM_NOT_FOUND", `there is no VM named ${JSON.stringify(name)} in ${home}`, {
    hint:
      near === undefined
        ? `Make it with: vm create ${quoteShell(name)}`
        : `Did you mean ${JSON.stringify(near)}?`,
    cause: error,
  });
}
