import { renameSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  cacheRoom,
  daysUnused,
  keptDays,
  fingerprint,
  makeCacheRoom,
  noteUse,
  readRegularText,
  removeStale,
  withDraft,
} from "@vm/host-files";
import type { Lookup } from "../lookup/kernel-location.js";
import type { NamedPackages, PackageSet } from "./kernel-packages.js";

/*
 *     CACHE/packages/NAME-HASH   what was found, as JSON; HASH: of what was named, and of the path, time and size of all files that were looked at;
 *                                the file's time is that of the last use
 */
const roomName = "packages";

/** Changes when the way in which parts are found does. */
const generation = 1;

interface Question {
  readonly named: NamedPackages;
  /** Every file that the answer depends on. */
  readonly files: readonly string[];
  readonly lookup: Lookup;
  readonly find: () => PackageSet;
}

/** The answer of `find`, from the cache where it is known. A dry run (`prepare: "never"`) writes nothing down. */
export function rememberedSet({ named, files, lookup, find }: Question): PackageSet {
  if (lookup.cacheDir === undefined) return find();
  const name = answerName(named, files);
  const answer = join(cacheRoom(lookup.cacheDir, roomName), name);
  const known = readAnswer(answer);
  if (known !== undefined) {
    noteUse(answer);
    return known;
  }
  const found = find();
  if (lookup.prepare === "never") return found;
  const room = makeCacheRoom(lookup.cacheDir, roomName);
  withDraft(room, (draft) => {
    writeFileSync(join(draft, "answer"), `${JSON.stringify(found)}\n`);
    renameSync(join(draft, "answer"), answer);
  });
  removeStale(room, (entry) => entry !== answer && daysUnused(entry) > keptDays);
  return found;
}

function answerName(named: NamedPackages, files: readonly string[]): string {
  const [first] = named.kind === "files" ? named.files : [named.directory];
  const stamps = files.map((file) => {
    const { mtimeMs = 0, size = 0, ino = 0 } = statSync(file, { throwIfNoEntry: false }) ?? {};
    return `${file}\0${mtimeMs}\0${size}\0${ino}`;
  });
  const what = named.kind === "files" ? named.files.join("\0") : named.directory;
  return `${basename(first ?? "").slice(0, 100)}-${fingerprint([generation, named.kind, what, ...stamps].join("\0"))}`;
}

function readAnswer(file: string): PackageSet | undefined {
  try {
    const answer: unknown = JSON.parse(readRegularText(file));
    return isPackageSet(answer) ? answer : undefined;
  } catch {
    return undefined;
  }
}

function isPackageSet(value: unknown): value is PackageSet {
  if (typeof value !== "object" || value === null) return false;
  return ["parts", "added", "filled", "warnings"].every((name) => Array.isArray(Reflect.get(value, name)));
}
