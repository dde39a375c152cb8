import { quoteShell, singleQuoted } from "./shell-word.js";

/** Longer commands are broken, one option and its argument to a line. */
const width = 100;
const indent = "  ";

/**
 * Reserved words and builtins of dash, bash and busybox's ash (and zsh's precommand modifiers). A plan names programs, so
 * these go through env(1), which knows programs only: the `echo` of a shell is not /bin/echo.
 */
const notPrograms: ReadonlySet<string> = new Set(
  (
    "! { } [[ ]] case coproc do done elif else esac fi for function if in select then time until while " +
    ". : [ alias bg bind break builtin caller cd chdir command compgen complete compopt continue declare dirs disown " +
    "echo enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile " +
    "nocorrect noglob popd printf pushd pwd read readarray readonly return set shift shopt source suspend test times " +
    "trap true type typeset ulimit umask unalias unset wait"
  ).split(" "),
);

/** The command line that runs a program, nobody else's namesake. */
export function programCommand(argv: readonly [string, ...string[]]): string {
  const [program] = argv;
  return notPrograms.has(program)
    ? layOut(["env", quoteShell(program)], argv.slice(1))
    : namedCommand([], argv);
}

/** `exec` looks for programs only: no builtin is in the way. */
export function execCommand(argv: readonly [string, ...string[]]): string {
  return namedCommand(["exec"], argv);
}

function namedCommand(prefix: readonly string[], argv: readonly [string, ...string[]]): string {
  const [program, ...rest] = argv;
  // A bare a=b would be an assignment.
  const word = program.includes("=") ? singleQuoted(program) : quoteShell(program);
  return layOut([...prefix, word], rest);
}

/** Whether a command is fine on one line. */
export function isShort(line: string): boolean {
  return line.length <= width && !line.includes("\n");
}

/** One line, or an option and its argument to a line, as a person would write it. */
function layOut(head: readonly string[], args: readonly string[]): string {
  const words = args.map((word) => quoteShell(word));
  const line = [...head, ...words].join(" ");
  if (isShort(line)) return line;
  const lines = [[...head]];
  let open = true;
  for (const [index, word] of words.entries()) {
    const isOption = args[index]?.startsWith("-") === true;
    if (isOption || !open) lines.push([word]);
    else lines.at(-1)?.push(word);
    // The words before the first option stay with the program; an option takes one argument.
    open = isOption || (open && lines.length === 1);
  }
  return lines.map((words_) => words_.join(" ")).join(` \\\n${indent}${indent}`);
}
