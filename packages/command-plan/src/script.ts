import type { Plan, Step } from "./plan.js";
import { checkPlan } from "./plan-check.js";
import { execCommand, programCommand } from "./script-command.js";
import { sourceOf } from "./script-content.js";
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
  const body = plan.map(render);
  const writes = plan.some((step) => step.kind === "write-file");
  return [
    "#!/bin/sh",
    ...directives(body),
    "plan() {",
    // +C: the noclobber option of the shell it is pasted into would refuse to overwrite.
    writes ? "  set -e +C" : "  set -e",
    ...body,
    "}",
    "# In an interactive shell the plan runs in a subshell, so that it can be pasted.",
    "case $- in *i*) (plan) ;; *) plan ;; esac",
    "",
  ].join("\n");
}

/** What shellcheck would take for a slip in words that are meant exactly as they stand. */
function directives(body: readonly string[]): readonly string[] {
  const codes: string[] = [];
  if (body.some((text) => text.includes(String.raw`\'`))) codes.push("SC1003");
  if (body.some((text) => /[$`]/.test(text))) codes.push("SC2016");
  return codes.length === 0 ? [] : [`# shellcheck disable=${codes.join(",")}`];
}

function render(step: Step): string {
  switch (step.kind) {
    case "comment":
      return comment(step.text);
    case "make-directory": {
      const parents = step.parents === true ? " -p" : "";
      const mode = step.mode === undefined ? "" : ` -m ${octalMode(step.mode)}`;
      return `  mkdir${parents}${mode} ${quoteOperand(step.path)}`;
    }
    case "write-file":
      return writeFile(step);
    case "run":
      return run(step);
    case "exec":
      return `  ${execCommand(step.argv)}`;
    case "change-directory":
      return changeDirectory(step.path);
    case "rename":
      // -f: mv would ask before it replaces a read-only file. -T: Linux's mv, GNU's and busybox's, has it.
      return `  mv -f -T ${quoteOperand(step.from)} ${quoteOperand(step.to)}`;
    case "remove": {
      const path = quoteOperand(step.path.replace(/\/+$/, ""));
      // rm would ask before it removes a read-only file, and -f would be content with a missing one.
      return step.recursive === true ? `  rm -rf ${path}` : `  rmdir ${path} 2> /dev/null || unlink ${path}`;
    }
    default:
      return step satisfies never;
  }
}

function comment(text: string): string {
  return text
    .split(/\r\n|[\n\r]/)
    .map((line) => line.replace(/[^\P{C}\t]|[\p{Zl}\p{Zp}]/gu, "?").trimEnd())
    .map((line) => (line === "" ? "" : /^\s*shellcheck/.test(line) ? ` # ${line}` : ` ${line}`))
    .map((line) => `  #${line}`)
    .join("\n");
}

function octalMode(mode: number): string {
  return mode.toString(8).padStart(3, "0");
}

/** A failed redirection is status 2 in dash and 1 in bash: the plan's is 1. */
const orFail = " || exit 1";

function writeFile({ path, content, mode }: StepOf<"write-file">): string {
  const target = quoteOperand(path);
  const source = sourceOf(content);
  const command =
    source.kind === "nothing" ? "printf ''" : source.kind === "command" ? source.command : "cat";
  const isPrivate = mode !== undefined && (mode & 0o077) === 0;
  const write = isPrivate ? `(umask 077 && ${command} > ${target})` : `${command} > ${target}`;
  const text =
    source.kind === "here-document"
      ? `  ${write} <<'${source.delimiter}'${orFail}\n${source.text}${source.delimiter}`
      : `  ${write}${orFail}`;
  return mode === undefined ? text : `${text}\n  chmod ${octalMode(mode)} ${target}`;
}

function run({ argv, input }: StepOf<"run">): string {
  const command = programCommand(argv);
  if (input === undefined) return `  ${command}`;
  const source = sourceOf(input);
  switch (source.kind) {
    case "nothing":
      return `  ${command} < /dev/null`;
    case "here-document":
      return `  ${command} <<'${source.delimiter}'\n${source.text}${source.delimiter}`;
    case "command":
      return `  ${source.command} |\n    ${command}`;
    default:
      return source satisfies never;
  }
}

function changeDirectory(path: string): string {
  // CDPATH is for paths that do not start with a dot; `cd a/..` alone would not look whether `a` is a symbolic link.
  const operand = /^(\/|\.\.?(\/|$))/.test(path) ? path : `./${path}`;
  const physical = operand.split("/").includes("..") ? " -P" : "";
  return `  cd${physical} ${quoteShell(operand)}${orFail}`;
}
