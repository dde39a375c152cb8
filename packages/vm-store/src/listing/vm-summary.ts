import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { readCaught } from "../caught-error.js";
import { CONFIG_FILE, type VmConfig } from "../config.js";
import { readImageHeader } from "../image/image-header.js";
import { listVms } from "../vm-list.js";
import { readFileQuickly } from "./quick-file.js";
import { surveyLocks, type SurveyedLock } from "./lock-survey.js";
import { machineFacts, readMachine, type MachineFacts } from "./machine-facts.js";

/** A disk of a VM. */
export interface VmDisk {
  /** As the configuration has it. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  /** Absent where there is no such image, or it cannot be read. */
  readonly image?: {
    readonly format: string;
    readonly sizeBytes: number;
    readonly usedBytes: number;
    /** Absolute. */
    readonly backingFile?: string;
  };
}

/** A VM as it can be seen from outside: nothing of it is run, locked or changed. */
export interface VmSummary {
  readonly name: string;
  /** Absolute. */
  readonly directory: string;
  readonly lock: SurveyedLock;
  /**
   * What its configuration says. `program`: it is no list of literals, and only running it would tell. `invalid`: it cannot be read, or says what
   * it cannot say.
   */
  readonly config:
    | ({ readonly kind: "literals" } & Omit<MachineFacts, "imageNames">)
    | { readonly kind: "program" | "invalid" };
  /** Of the configuration; of one that is a program, none are known. */
  readonly disks: readonly VmDisk[];
}

/** What is in a home. */
export interface HomeSummary {
  readonly vms: readonly VmSummary[];
  /** Directories of something else: they have no vm.mjs. They are left alone. */
  readonly others: readonly string[];
}

/**
 * All VMs of a home, sorted by name. No configuration is run.
 * @throws VM_HOME_UNREADABLE, FLOCK_NOT_FOUND
 */
export function summarizeHome(home: string): HomeSummary {
  const names = listVms(home);
  const others: string[] = [];
  const found: (Omit<VmSummary, "lock"> & { readonly directory: string })[] = [];
  const base = join(home, "/");
  for (const name of names) {
    const directory = `${base}${name}`;
    const text = readConfig(directory);
    if (text === undefined) others.push(name);
    else found.push({ name, directory, ...describe(text, directory) });
  }
  const locks = surveyLocks(found.map(({ directory }) => directory));
  return { vms: found.map((vm, index) => ({ ...vm, lock: locks[index] ?? { state: "unknown" } })), others };
}

/** The names alone: of directories that have a configuration. @throws VM_HOME_UNREADABLE */
export function vmNames(home: string): string[] {
  return listVms(home).filter((name) => existsSync(join(home, name, CONFIG_FILE)));
}

/** The disks of one VM, as its configuration says without being run: none of one that is a program, or is not there. */
export function vmDisks(directory: string): readonly VmDisk[] {
  const text = readConfig(directory);
  return text === undefined ? [] : describe(text, directory).disks;
}

/** One VM, by a configuration that was loaded. @throws FLOCK_NOT_FOUND */
export function summarizeConfig(config: VmConfig): VmSummary {
  const { name, directory } = config;
  const { imageNames, ...facts } = machineFacts(config);
  return {
    name,
    directory,
    lock: surveyLocks([directory])[0] ?? { state: "unknown" },
    config: { kind: "literals", ...facts },
    disks: describeDisks(imageNames, directory),
  };
}

/** Null: it is there and cannot be read. Undefined: no VM. */
function readConfig(directory: string): string | null | undefined {
  try {
    return readFileQuickly(`${directory}/${CONFIG_FILE}`);
  } catch (error) {
    const { code } = readCaught(error);
    return code === "ENOENT" || code === "ENOTDIR" ? undefined : null;
  }
}

function describe(text: string | null, directory: string): Pick<VmSummary, "config" | "disks"> {
  const machine = text === null ? "invalid" : readMachine(text);
  if (typeof machine === "string") return { config: { kind: machine }, disks: [] };
  const { imageNames, ...facts } = machine;
  return {
    config: { kind: "literals", ...facts },
    disks: describeDisks(imageNames, directory),
  };
}

function describeDisks(names: readonly string[], directory: string): VmDisk[] {
  return names.map((name) => describeDisk(name, isAbsolute(name) ? name : `${directory}/${name}`));
}

function describeDisk(name: string, path: string): VmDisk {
  try {
    const { format, sizeBytes, usedBytes, backingFile } = readImageHeader(path);
    const image = { format, sizeBytes, usedBytes };
    if (backingFile === undefined) return { name, path, image };
    return { name, path, image: { ...image, backingFile: resolve(dirname(path), backingFile) } };
  } catch {
    return { name, path };
  }
}
