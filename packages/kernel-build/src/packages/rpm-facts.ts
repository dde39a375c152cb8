import { closeSync, readSync } from "node:fs";
import { openRegular } from "@vm/host-files";
import { bsdtar } from "./bsdtar.js";
import { holdingsOf, plainFacts, type Named, type PackageFacts } from "./package-facts.js";
import { tooLarge, unreadable } from "./package-format.js";

/** rpm's own limits are 32 thousand tags, and 256 MiB; a kernel with 8,000 modules has 2 MiB. */
const maxTags = 1 << 15;
const maxHeaderBytes = 64 << 20;
/** A kernel with all its debug information has 100,000 files. */
const maxValues = 1 << 20;
const leadBytes = 96;
const magic = 0x8eade801;

/** Numbers of tags, as rpm's rpmtag.h has them. */
const tags = {
  name: 1000,
  version: 1001,
  release: 1002,
  arch: 1022,
  provideName: 1047,
  requireFlags: 1048,
  requireName: 1049,
  requireVersion: 1050,
  provideVersion: 1113,
  directoryIndexes: 1116,
  baseNames: 1117,
  directoryNames: 1118,
} as const;

/** In the flags of a requirement: it is of exactly that version, and neither older nor newer ones. */
const comparison = 0b1110;
const equal = 0b1000;

/** What an `.rpm` says in its header, where its files are listed too: nothing has to be unpacked. */
export function rpmFacts(file: string): PackageFacts {
  const descriptor = openRegular(file);
  let header: Header;
  try {
    const signature = readHeader(descriptor, leadBytes, file);
    header = readHeader(descriptor, signature.end + ((8 - (signature.end % 8)) % 8), file);
  } finally {
    closeSync(descriptor);
  }
  const [name] = header.strings(tags.name);
  if (name === undefined) return plainFacts(file, "rpm", bsdtar(["-tf", file], { named: file }).split("\n"));
  const [version = ""] = header.strings(tags.version);
  const [release = ""] = header.strings(tags.release);
  const [arch = ""] = header.strings(tags.arch);
  return {
    file,
    format: "rpm",
    name,
    version: `${version}-${release}`,
    arch: arch === "noarch" ? "" : arch,
    needs: requirementsIn(header).map((need) => [need]),
    provides: provisionsIn(header),
    holds: holdingsOf(filesIn(header)),
  };
}

function requirementsIn(header: Header): Named[] {
  const versions = header.strings(tags.requireVersion);
  const flags = header.numbers(tags.requireFlags);
  return header.strings(tags.requireName).map((name, index) => {
    const isExact = ((flags[index] ?? 0) & comparison) === equal;
    return { name, ...(isExact ? { version: withoutEpoch(versions[index] ?? "") } : {}) };
  });
}

function provisionsIn(header: Header): Named[] {
  const versions = header.strings(tags.provideVersion);
  return header.strings(tags.provideName).map((name, index) => {
    const version = withoutEpoch(versions[index] ?? "");
    return { name, ...(version === "" ? {} : { version }) };
  });
}

function withoutEpoch(version: string): string {
  return version.replace(/^\d+:/, "");
}

function filesIn(header: Header): string[] {
  const directories = header.strings(tags.directoryNames);
  const indexes = header.numbers(tags.directoryIndexes);
  return header
    .strings(tags.baseNames)
    .map((name, index) => `${directories[indexes[index] ?? 0] ?? ""}${name}`);
}

interface Header {
  /** Where it ends in the file. */
  readonly end: number;
  readonly strings: (tag: number) => string[];
  readonly numbers: (tag: number) => number[];
}

/** A header structure: a count of tags, the bytes of their values, the index, the values; numbers with the highest byte first. */
function readHeader(descriptor: number, start: number, file: string): Header {
  const intro = read(descriptor, start, 16, file);
  const count = intro.readUInt32BE(8);
  const bytes = intro.readUInt32BE(12);
  if (intro.readUInt32BE(0) !== magic || count > maxTags || bytes > maxHeaderBytes)
    throw unreadable(file, "its header is damaged");
  const index = read(descriptor, start + 16, count * 16, file);
  const values = read(descriptor, start + 16 + index.length, bytes, file);
  const entries = new Map<number, { readonly offset: number; readonly count: number }>();
  for (let at = 0; at < index.length; at += 16)
    entries.set(index.readUInt32BE(at), {
      offset: index.readUInt32BE(at + 8),
      count: index.readUInt32BE(at + 12),
    });
  const entryOf = (tag: number): { readonly offset: number; readonly count: number } => {
    const entry = entries.get(tag) ?? { offset: 0, count: 0 };
    if (entry.count > maxValues) throw tooLarge(file, `it has more than ${maxValues} values of a kind`);
    return entry;
  };
  return {
    end: start + 16 + index.length + bytes,
    strings(tag) {
      const entry = entryOf(tag);
      const found: string[] = [];
      for (let at = entry.offset; found.length < entry.count;) {
        const end = values.indexOf(0, at);
        if (end === -1) throw unreadable(file, "its header is damaged");
        found.push(values.toString("utf8", at, end));
        at = end + 1;
      }
      return found;
    },
    numbers(tag) {
      const { offset, count: length } = entryOf(tag);
      if (offset + length * 4 > values.length) throw unreadable(file, "its header is damaged");
      return Array.from({ length }, (_, at) => values.readUInt32BE(offset + at * 4));
    },
  };
}

function read(descriptor: number, start: number, length: number, file: string): Buffer {
  const buffer = Buffer.alloc(length);
  if (readSync(descriptor, buffer, 0, length, start) !== length) throw unreadable(file, "it is cut off");
  return buffer;
}
