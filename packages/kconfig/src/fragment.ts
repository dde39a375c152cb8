import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { checkRegular, isFile, readRegularText } from "@vm/host-files";

/** One option that a fragment asks for, with the place where it does. */
export interface WantedOption {
  /** The full name: `CONFIG_NET_9P`. */
  readonly option: string;
  /** As `.config` writes it; `n` for "is not set". */
  readonly value: string;
  /** The absolute path of the fragment. */
  readonly file: string;
  readonly line: number;
  /** `if-possible` between `silent` and `endsilent`: nobody is told when Kconfig does not take it. */
  readonly strength: "required" | "if-possible";
}

export interface FragmentLookup {
  /** Where the person stands: fragments' paths are relative to it. Absolute. */
  readonly cwd: string;
  /** A directory of fragments known by their bare names: `qemu` is `qemu.fragment` in it. */
  readonly configs?: string;
  /** The kernel's name of the architecture (`x86_64`, `arm64`): with it, `NAME.ARCH.fragment` beside a fragment is read too. */
  readonly arch?: string;
}

/**
 * Reads fragments, in order: of an option set twice the last one counts. A fragment is lines `CONFIG_NAME=VALUE`,
 * `# CONFIG_NAME is not set`, comments, `include "FILE"` (relative to the fragment), and `silent` ... `endsilent`
 * around options that are welcome but not insisted upon.
 *
 * Right after `NAME.fragment` its companion for the architecture is read, `NAME.ARCH.fragment`, where it exists: the
 * way of the kernel's own `make NAME.config`, which merges kernel/configs and arch/ARCH/configs.
 *
 * Throws errors with a `code`: FRAGMENT_NOT_FOUND, FRAGMENT_UNREADABLE, FRAGMENT_SYNTAX, FRAGMENT_INCLUDE_LOOP.
 */
export function readFragments(names: readonly string[], lookup: FragmentLookup): WantedOption[] {
  const wanted = new Map<string, WantedOption>();
  for (const name of names) {
    readFragment(findFragment(name, lookup), { arch: lookup.arch, including: [], wanted });
  }
  return [...wanted.values()];
}

/** The absolute path of a fragment: a path, or a bare name in the directory `configs`. Throws FRAGMENT_NOT_FOUND. */
function findFragment(name: string, { cwd, configs }: FragmentLookup): string {
  const path = resolve(cwd, name);
  if (isFile(path)) return path;
  if (configs !== undefined && !name.includes("/")) {
    const named = join(configs, name.endsWith(".fragment") ? name : `${name}.fragment`);
    if (isFile(named)) return named;
  }
  throw codedError("FRAGMENT_NOT_FOUND", notThere(path), {
    hint: `Give a path, or a name in ${configs ?? "a directory of fragments"}.`,
  });
}

function notThere(path: string): string {
  try {
    checkRegular(path);
    return `there is no fragment ${path}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface Reading {
  readonly arch: string | undefined;
  /** The real paths of the files that are being read, the outermost first. */
  readonly including: readonly string[];
  readonly wanted: Map<string, WantedOption>;
}

function readFragment(file: string, reading: Reading): void {
  const real = realpathSync(file);
  if (reading.including.includes(real)) {
    throw codedError(
      "FRAGMENT_INCLUDE_LOOP",
      `${file} includes itself: ${[...reading.including, real].join(" -> ")}`,
    );
  }
  const inner: Reading = { ...reading, including: [...reading.including, real] };
  let silentSince: number | undefined;
  const lines = readText(file).split("\n");
  lines.forEach((text, index) => {
    const line = index + 1;
    const statement = parseLine(text);
    const at = `${file}:${line}`;
    if (statement === "nothing") return;
    if (statement === undefined) throw syntaxError(at, `found \`${text.trim()}\``);
    switch (statement.kind) {
      case "option": {
        const { option, value } = statement;
        const strength = silentSince === undefined ? "required" : "if-possible";
        // Deleted first, so that the order is that of the lines that count.
        reading.wanted.delete(option);
        reading.wanted.set(option, { option, value, file, line, strength });
        return;
      }
      case "include": {
        const included = resolve(dirname(file), statement.path);
        if (!isFile(included)) {
          throw codedError("FRAGMENT_NOT_FOUND", `${at}: there is no ${included} to include`, {
            hint: "The path of an include is relative to the file that it stands in.",
          });
        }
        readFragment(included, inner);
        return;
      }
      case "silent":
        if (silentSince !== undefined)
          throw syntaxError(at, `\`silent\` again, after that of line ${silentSince}`);
        silentSince = line;
        return;
      case "endsilent":
        if (silentSince === undefined) throw syntaxError(at, "found `endsilent` with no `silent` before it");
        silentSince = undefined;
        return;
      default:
        statement satisfies never;
    }
  });
  if (silentSince !== undefined) throw syntaxError(`${file}:${silentSince}`, "`silent` has no `endsilent`");
  const companion = companionOf(file, reading.arch);
  if (companion !== null) readFragment(companion, inner);
}

/** `DIR/NAME.ARCH.fragment` for `DIR/NAME.fragment`; null where there is none. */
function companionOf(file: string, arch: string | undefined): string | null {
  const name = /^([^.]+)\.fragment$/.exec(basename(file))?.[1];
  if (name === undefined || arch === undefined) return null;
  const companion = join(dirname(file), `${name}.${arch}.fragment`);
  return isFile(companion) ? companion : null;
}

type Statement =
  | { readonly kind: "option"; readonly option: string; readonly value: string }
  | { readonly kind: "include"; readonly path: string }
  | { readonly kind: "silent" }
  | { readonly kind: "endsilent" };

const value = /[ymn]|-?\d+|0[xX][0-9a-fA-F]+|"(?:[^"\\]|\\.)*"/.source;
const optionLine = new RegExp(`^(CONFIG_\\w+)=(${value})$`);

function parseLine(line: string): Statement | "nothing" | undefined {
  const unset = /^\s*# (CONFIG_\w+) is not set\s*$/.exec(line)?.[1];
  if (unset !== undefined) return { kind: "option", option: unset, value: "n" };
  const text = withoutComment(line);
  if (text === "") return "nothing";
  if (text === "silent" || text === "endsilent") return { kind: text };
  const path = /^include\s+"([^"]+)"$/.exec(text)?.[1];
  if (path !== undefined) return { kind: "include", path };
  const [, option, setTo] = optionLine.exec(text) ?? [];
  if (option !== undefined && setTo !== undefined) return { kind: "option", option, value: setTo };
  return undefined;
}

/** The line without a comment at its end (a `#` in a string is none) and without blanks around. */
function withoutComment(line: string): string {
  return (/^(?:"(?:[^"\\]|\\.)*"|[^"#])*/.exec(line)?.[0] ?? "").trim();
}

function syntaxError(at: string, found: string): Error {
  return codedError(
    "FRAGMENT_SYNTAX",
    `${at}: expected CONFIG_NAME=VALUE, \`# CONFIG_NAME is not set\`, include "FILE", silent, endsilent or a comment: ${found}`,
  );
}

function readText(file: string): string {
  try {
    return readRegularText(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw codedError("FRAGMENT_UNREADABLE", `${file} cannot be read: ${reason}`, { cause: error });
  }
}
