import { allFeatures, isRevision, revisionName } from "@vm/kernel-build";
import {
  complaintKinds,
  knownArchNames,
  knownDisks,
  knownFiles,
  knownFragments,
  knownGuests,
  knownKernels,
  knownRevisions,
  knownSnapshots,
  knownVms,
  type Host,
} from "@vm/operations";
import type { ValueKind } from "./value-kind.js";

/** What a word of a kind may be. */
export interface KnownValues {
  readonly values: readonly string[];
  /** Whether names of files are good as well. */
  readonly files: "directories" | "files" | "none";
  /** Whether it is several, separated by commas. */
  readonly isList?: true;
}

interface Place {
  /** What is typed of the value. */
  readonly typed: string;
  /** The arguments before it. */
  readonly given: readonly string[];
  readonly host: Host;
  /** The names of the commands. */
  readonly commands: readonly string[];
}

const shells = ["bash", "zsh", "fish"];

/** Targets of make that a configuration starts from. */
const configTargets = [
  "defconfig",
  "tinyconfig",
  "allnoconfig",
  "allmodconfig",
  "allyesconfig",
  "localmodconfig",
];

/** What is known of a kind. A name that cannot be found out is not offered, and is no error. */
export function knownValues(kind: ValueKind, place: Place): KnownValues {
  const { typed, given, host, commands } = place;
  const [vm = ""] = given;
  switch (kind) {
    case "accelerator":
      return only("auto", "kvm", "tcg");
    case "arch":
      return only(...knownArchNames());
    case "base":
      return orFile(configTargets, place);
    case "command":
      return only(...commands);
    case "complaints":
      return { values: complaintKinds, files: "none", isList: true };
    case "compression":
      return only("gzip", "none", "zstd");
    case "guests":
      return only("per-kernel", "per-test");
    case "flaky":
      return only("pass", "fail");
    case "copy":
      return typed.includes(":")
        ? only()
        : orFile(
            known(() => knownGuests(host)).map((name) => `${name}:`),
            place,
          );
    case "directory":
      return { values: [], files: "directories" };
    case "disk":
      return only(...known(() => knownDisks(vm, host)));
    case "event":
      return only("up", "exit", "panic");
    case "features":
      return { values: allFeatures, files: "none", isList: true };
    case "file":
      return { values: [], files: "files" };
    case "fragment":
      return orFile(knownFragments(host), place);
    case "fragments":
      return { ...orFile(knownFragments(host), place), isList: true };
    case "free":
      return only();
    case "guest":
      return only(...known(() => knownGuests(host)));
    case "kernel":
      return kernels(place);
    case "machine":
      return only(...new Set([...known(() => knownVms(host)), ...known(() => knownGuests(host))]));
    case "kept-guest":
      return only("shell", "gdb", "dump");
    case "network":
      return only("none", "user", "isolated");
    case "release":
      return only("debian:stable", "debian:testing", "debian:sid");
    case "setting":
      return only("cpus=", "memory=");
    case "share":
      return only("auto", "9p", "virtiofs");
    case "shell":
      return only(...shells);
    case "snapshot":
      return only(...known(() => knownSnapshots(vm, host)));
    case "vm":
      return only(...known(() => knownVms(host)));
    default:
      return kind satisfies never;
  }
}

function kernels(place: Place): KnownValues {
  const { typed, host } = place;
  if (isRevision(typed)) return only(...known(() => knownRevisions(host)).map(revisionName));
  return orFile([...known(() => knownKernels(host)), revisionName("")], place);
}

/** A file's name besides. What stands in the working directory is offered beside the others; a path is the shell's own affair. */
function orFile(values: readonly string[], { typed, host }: Place): KnownValues {
  const name = typed.slice(typed.lastIndexOf(",") + 1);
  if (/^[~.]|\//.test(name)) return { values: [], files: "files" };
  return { values: [...new Set([...values, ...knownFiles(host)])], files: "files" };
}

function only(...values: readonly string[]): KnownValues {
  return { values, files: "none" };
}

/** Tab is no place for an error: the command itself will say it. */
function known(find: () => readonly string[]): readonly string[] {
  try {
    return find();
  } catch {
    return [];
  }
}
