import type { Plan, Step } from "./plan.js";
import { checkPlan } from "./plan-check.js";
import { execCommand, isShort, programCommand } from "./script-command.js";
import { type HereDocument, sourceOf } from "./script-content.js";
import { quoteOperand, quoteShell } from "./shell-word.js";

type StepOf<K extends Step["kind"]> = Extract<Step, { readonly kind: K }>;

/**
 * Prints the plan as a POSIX shell script that does what `execute` does: same files, same output of the programs, same
 * exit code. It can be run as a file, read from a pipe, or pasted into an interactive shell, which it leaves as it was:
 * all is in one function, so nothing runs before the last line is read, and there the function runs in a subshell where
 * the shell is interactive. Throws `PLAN_INVALID`.
 */
export function toScript(plan: Plan): string {
  checkPlan(plan);
  const parts = plan.flatMap(render);
  const writes = plan.some((step) => step.kind === "write-file");
  return [
    "#!/bin/sh",
    ...directives(parts),
    "plan() {",
    // +C: the noclobber option of the shell it is pasted into would refuse to overwrite.
    writes ? "  set -e +C" : "  set -e",
    ...parts.map(({ text }) => text),
    "}",
    "# In an interactive shell the plan runs in a subshell, so that it can be pasted.",
    "case $- in *i*) (plan) ;; *) plan ;; esac",
    "",
  ].join("\n");
}

/** Lines of the script, and whether they are a command or something that the shell takes as it is. */
interface Part {
  readonly kind: "command" | "comment" | "document";
  readonly text: string;
}

function command(text: string): Part {
  return { kind: "command", text: `  ${text}` };
}

/** What shellcheck would take for a slip in words that are meant exactly as they stand. */
function directives(parts: readonly Part[]): readonly string[] {
  const commands = parts.filter(({ kind }) => kind === "command").map(({ text }) => text);
  const slips: Readonly<Record<string, (text: string) => boolean>> = {
    SC1003: (text) => /\\'(?!')/.test(text),
    SC1112: (text) => text.includes("\u2018") || text.includes("\u2019"),
    SC2016: (text) => (text.includes("$") || text.includes("`")) && !text.trimStart().startsWith("trap "),
    SC2088: (text) => text.includes("'~"),
    SC2089: (text) => /temporary=.*[\\"]/.test(text),
    SC2090: (text) => /temporary=.*[\\"]/.test(text),
    SC2174: (text) => text.includes("mkdir -p -m"),
  };
  const codes = Object.entries(slips)
    .filter(([, isSlip]) => commands.some(isSlip))
    .map(([code]) => code);
  return codes.length === 0 ? [] : [`# shellcheck disable=${codes.join(",")}`];
}

function render(step: Step): readonly Part[] {
  switch (step.kind) {
    case "comment":
      return [comment(step.text)];
    case "make-directory": {
      const parents = step.parents === true ? " -p" : "";
      const mode = step.mode === undefined ? "" : ` -m ${octalMode(step.mode)}`;
      return [command(`mkdir${parents}${mode} ${quoteOperand(step.path)}`)];
    }
    case "write-file":
      return writeFile(step);
    case "run":
      return run(step);
    case "exec":
      return [command(execCommand(step.argv))];
    case "change-directory":
      return [changeDirectory(step.path)];
    case "rename":
      // -f: mv would ask before it replaces a read-only file. -T: Linux's mv, GNU's and busybox's, has it.
      return [command(`mv -f -T ${quoteOperand(step.from)} ${quoteOperand(step.to)}`)];
    case "remove": {
      const path = quoteOperand(step.path.replace(/\/+$/, ""));
      // Not `rm` for one file: it would ask before it removes a read-only one, and with -f it is content with none.
      return [
        command(step.recursive === true ? `rm -rf ${path}` : `rmdir ${path} 2> /dev/null || unlink ${path}`),
      ];
    }
    case "remove-at-end":
      return removeAtEnd(step.path);
    default:
      return step satisfies never;
  }
}

/** dash runs the trap of EXIT at an `exit` only, not when a signal ends it: so the signals exit. */
function removeAtEnd(path: string): readonly Part[] {
  return [
    command(`temporary=${quoteShell(path.replace(/\/+$/, ""))}`),
    command(`trap 'rm -rf "$temporary"' EXIT`),
    ...Object.entries({ HUP: 129, INT: 130, QUIT: 131, TERM: 143 }).map(([signal, status]) =>
      command(`trap 'exit ${status}' ${signal}`),
    ),
  ];
}

function comment(text: string): Part {
  const lines = text
    .split(/\r\n|[\n\r]/)
    // The second expression takes a millisecond to compile, and nearly no line needs it.
    .map((line) => (/^[\t -~]*$/.test(line) ? line : line.replace(/[^\P{C}\t]|[\p{Zl}\p{Zp}]/gu, "?")).trim())
    // After another # it is no directive to shellcheck.
    .map((line) => (line.startsWith("shellcheck") ? `# ${line}` : line))
    .map((line) => `  # ${line}`.trimEnd());
  return { kind: "comment", text: lines.join("\n") };
}

function octalMode(mode: number): string {
  return mode.toString(8).padStart(3, "0");
}

/** A failed redirection is status 2 in dash and 1 in bash: the plan's is 1. */
const orFail = " || exit 1";

function writeFile({ path, content, mode }: StepOf<"write-file">): readonly Part[] {
  const target = quoteOperand(path);
  const source = sourceOf(content);
  const writer = source.kind === "here-document" ? "cat" : source.command;
  // What only the owner may read is never, not even for a moment, open to others.
  const isPrivate = mode !== undefined && (mode & 0o077) === 0;
  const write = isPrivate ? `(umask 077 && ${writer} > ${target})` : `${writer} > ${target}`;
  const written =
    source.kind === "here-document" ? withDocument(write, source, orFail) : [command(`${write}${orFail}`)];
  return mode === undefined ? written : [...written, command(`chmod ${octalMode(mode)} ${target}`)];
}

function run({ argv, input }: StepOf<"run">): readonly Part[] {
  const program = programCommand(argv);
  if (input === undefined) return [command(program)];
  if (input.length === 0) return [command(`${program} < /dev/null`)];
  const source = sourceOf(input);
  if (source.kind === "here-document") return withDocument(program, source, "");
  const pipe = `${source.command} | ${program}`;
  return [command(isShort(pipe) ? pipe : `${source.command} |\n    ${program}`)];
}

function withDocument(before: string, { text, delimiter }: HereDocument, after: string): readonly Part[] {
  return [command(`${before} <<'${delimiter}'${after}`), { kind: "document", text: `${text}${delimiter}` }];
}

function changeDirectory(path: string): Part {
  // CDPATH is for paths that do not start with a dot; `cd a/..` alone would not look whether `a` is a symbolic link.
  const operand = /^(\/|\.\.?(\/|$))/.test(path) ? path : `./${path}`;
  const physical = operand.split("/").includes("..") ? " -P" : "";
  return command(`cd${physical} ${quoteShell(operand)}${orFail}`);
}
