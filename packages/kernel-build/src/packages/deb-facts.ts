import { closeSync, readSync } from "node:fs";
import { openRegular } from "@vm/host-files";
import { bsdtar } from "./bsdtar.js";
import { debMembers, type DebMember } from "./deb-archive.js";
import { holdingsOf, type Named, type Need, type PackageFacts } from "./package-facts.js";
import { tooLarge, unreadable } from "./package-format.js";

/** Debian's kernels have 300 KB of it. */
const maxControlBytes = 64 << 20;

/**
 * What a `.deb` says in its control archive; its list of files as well, which Debian's tools have put there for ever (`md5sums`). Where it is
 * not there the files themselves are listed, which takes seconds.
 */
export function debFacts(file: string): PackageFacts {
  const descriptor = openRegular(file);
  let control = "";
  let data: DebMember | undefined;
  try {
    const members = debMembers(descriptor);
    const archive = members.find(({ name }) => name.startsWith("control.tar"));
    data = members.find(({ name }) => name.startsWith("data.tar"));
    if (archive === undefined || data === undefined)
      throw unreadable(file, `it has no ${archive === undefined ? "control.tar" : "data.tar"}`);
    if (archive.size > maxControlBytes)
      throw tooLarge(file, `what it says of itself is larger than ${maxControlBytes >> 20} MiB`);
    const input = Buffer.alloc(archive.size);
    readSync(descriptor, input, 0, input.length, archive.offset);
    control = bsdtar(["-xOf", "-", "--include=*control", "--include=*md5sums"], {
      named: file,
      input,
      absent: "fine",
    });
  } finally {
    closeSync(descriptor);
  }
  const sums = /^[\da-f]{32} [ *](.*)$/;
  const lines = control.split("\n");
  const listed = lines.flatMap((line) => sums.exec(line)?.[1] ?? []);
  const fields = parseFields(lines.filter((line) => !sums.test(line)));
  const text = (name: string): string => fields.get(name) ?? "";
  return {
    file,
    format: "deb",
    name: text("package"),
    version: text("version"),
    arch: text("architecture") === "all" ? "" : text("architecture"),
    needs: [...parseNeeds(text("pre-depends")), ...parseNeeds(text("depends"))],
    provides: parseNeeds(text("provides")).flat(),
    holds: holdingsOf(listed.length > 0 ? listed : filesOf(file, data)),
  };
}

function filesOf(file: string, { offset, size }: DebMember): string[] {
  const descriptor = openRegular(file);
  try {
    return bsdtar(["-tf", "-"], { named: file, input: { descriptor, offset, size } }).split("\n");
  } finally {
    closeSync(descriptor);
  }
}

/** Fields by their names in lower case; a line that begins with a space goes on with the one before (deb822(5)). */
function parseFields(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let last = "";
  for (const line of lines) {
    const field = /^([^\s:]+):\s*(.*)$/.exec(line);
    if (field !== null) {
      last = (field[1] ?? "").toLowerCase();
      fields.set(last, (field[2] ?? "").trimEnd());
    } else if (/^\s/.test(line) && last !== "") {
      fields.set(last, `${fields.get(last)} ${line.trim()}`);
    }
  }
  return fields;
}

/** `a (= 1) | b, c:any (>= 2) [amd64]` */
function parseNeeds(text: string): Need[] {
  return text
    .split(",")
    .map((group) => group.split("|").flatMap((entry) => parseNamed(entry.trim())))
    .filter((group) => group.length > 0);
}

function parseNamed(text: string): Named[] {
  const found = /^([\w.+-]+)(?::\w+)?(?:\s*\(\s*=\s*([^\s)]+)\s*\))?/.exec(text);
  if (found?.[1] === undefined) return [];
  return [{ name: found[1], ...(found[2] === undefined ? {} : { version: found[2] }) }];
}
