import { codedError, quoteShell } from "@vm/command-plan";
import { readSelftests, type InstalledSelftests, type SelftestChoice } from "@vm/operations";
import type { TestColumn } from "./result.js";

/** What a test of a request stands for. @throws `SELFTESTS_UNKNOWN` for what names none */
export function selftestChoices(words: string): SelftestChoice[] {
  const choices = readSelftests(words);
  if (choices === null) throw codedError("SELFTESTS_UNKNOWN", `${JSON.stringify(words)} names no selftests`);
  return choices;
}

/**
 * A column for each program that is chosen. Until they are built nobody knows which there are: then one that fails stands for all of them.
 *
 * @throws `SELFTESTS_UNKNOWN` for a program that its target does not have
 */
export function selftestColumns(words: string, installed: InstalledSelftests | undefined): TestColumn[] {
  const choices = selftestChoices(words);
  if (installed === undefined)
    return [column(`kselftest:${words}`, "echo 'vm: they are not built' >&2; exit 125")];
  return choices.flatMap((choice) => {
    const programs = installed.programs.filter(
      ({ target, program }) => target === choice.target && program === (choice.program ?? program),
    );
    if (programs.length === 0) {
      const there = installed.programs.filter(({ target }) => target === choice.target);
      throw codedError(
        "SELFTESTS_UNKNOWN",
        `the selftests ${choice.target} have no program ${choice.program}`,
        {
          hint: `There are ${there.map(({ program }) => program).join(", ")}.`,
        },
      );
    }
    return programs.map((program) => column(suiteOf(program), command(program, installed)));
  });
}

function suiteOf({ target, program }: Required<SelftestChoice>): string {
  return `kselftest:${target}:${program}`;
}

function column(suite: string, text: string): TestColumn {
  return {
    name: suite,
    suite,
    command: Buffer.from(text),
    file: null,
    results: { from: "stdout", header: "wanted" },
    guest: "shared",
  };
}

/** In a copy: tests write where they stand, and guests may not write into the host's cache. The runner reads the `settings` of the target. */
function command({ target, program }: Required<SelftestChoice>, { directory }: InstalledSelftests): string {
  return `vm_copy=$(mktemp -d) && cp -R ${quoteShell(`${directory}/.`)} "$vm_copy" && cd "$vm_copy" || exit 125
./run_kselftest.sh -t ${quoteShell(`${target}:${program}`)}
vm_status=$?
cd / && rm -rf "$vm_copy"
exit "$vm_status"
`;
}
