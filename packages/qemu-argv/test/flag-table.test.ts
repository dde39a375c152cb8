import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { flagSyntax, knownFlags } from "../src/flag-syntax.js";
import {
  addedFlags,
  jsonFlags,
  keyvalFlags,
  propertyFlags,
  removedFlags,
  switchFlags,
  valueFlags,
} from "../src/flag-table.js";
import { findUnavailableFlags, parseArgv } from "../src/index.js";
import { thrownBy } from "./error-code.js";
import { qemuProgram } from "./qmp.js";

const run = promisify(execFile);

/** What QEMU complains of in a command line, of which it looks at every flag, and starts nothing. */
async function complaints(argv: readonly string[]): Promise<string> {
  return (await run(qemuProgram, [...argv, "-version"]).catch((error: { stderr: string }) => error)).stderr;
}

/** What QEMU says of a command line. With -version first it looks at every flag, and at no argument. */
async function askQemu(argv: readonly string[]): Promise<string> {
  try {
    await run(qemuProgram, ["-version", ...argv]);
    return "fine";
  } catch (error) {
    return String(error);
  }
}

/** The flags of -help, and those that it hides because they are for other targets or for QEMU's own tests. */
async function installedFlags(): Promise<string[]> {
  const { stdout } = await run(qemuProgram, ["-help"]);
  const listed = [...stdout.matchAll(/^--?([A-Za-z0-9][\w-]*)(?:\/-(\w+)| or -(\w+))?/gm)].flatMap((match) =>
    match.slice(1).filter((name) => name !== undefined),
  );
  return [...new Set([...listed, "M", "g", "prom-env", "qtest", "qtest-log", "semihosting"])];
}

function typed(flag: string): string[] {
  return [`-${flag}`, ...(switchFlags.includes(flag) ? [] : ["x"])];
}

/** The names out of these that this version of QEMU has, by the table. */
async function available(flags: readonly string[]): Promise<string[]> {
  const { stdout } = await run(qemuProgram, ["--version"]);
  const missing = findUnavailableFlags(
    flags.map((flag) => ({ flag })),
    stdout,
  ).map(({ flag }) => flag);
  return flags.filter((flag) => !missing.includes(flag));
}

describe("the table of flags", () => {
  test("names every flag of the installed QEMU", async () => {
    const flags = await installedFlags();
    expect(flags.length).toBeGreaterThan(100);
    expect(flags.filter((flag) => flagSyntax(flag) === undefined)).toStrictEqual([]);
  });

  test("says of every flag of the installed QEMU whether it takes an argument, as QEMU does", async () => {
    const [alone, withArgument] = [[] as string[], [] as string[]];
    for (const flag of await installedFlags()) {
      (flagSyntax(flag)?.kind === "switch" ? alone : withArgument).push(flag);
    }
    // A flag that took no argument would leave the word after it to be refused as a flag.
    expect(await askQemu(withArgument.flatMap((flag) => [`-${flag}`, `-after-${flag}`]))).toBe("fine");
    // A flag that took an argument would miss it at the end.
    const answers: [string, string][] = [];
    for (const flag of alone) answers.push([flag, await askQemu([`-${flag}`])]);
    expect(answers).toStrictEqual(alone.map((flag) => [flag, "fine"]));
    expect(await askQemu(["-kernel"])).toContain("requires an argument");
    expect(await askQemu(["-S", "-after-S"])).toContain("invalid option");
  });

  test("says of every flag whether this version has it", async () => {
    // Not for Linux, in the versions that had it.
    const flags = knownFlags().filter((flag) => flag !== "enable-hax");
    const has = await available(flags);
    expect(await askQemu(has.flatMap(typed))).toBe("fine");
    const hasNot = flags.filter((flag) => !has.includes(flag));
    const answers = await Promise.all(hasNot.map(async (flag) => await askQemu(typed(flag))));
    for (const answer of answers) expect(answer).toContain("invalid option");
  });

  test("says what a first element without a key stands for, and by which rules QEMU reads the rest", async () => {
    // -sandbox and -mon complain of more; -semihosting-config and -iscsi are not in every QEMU, nor is -spice.
    const special = ["cpu", "sandbox", "mon", "semihosting-config", "iscsi", "spice"];
    const flags = (await available(Object.keys(propertyFlags))).filter((flag) => !special.includes(flag));
    const answers = await Promise.all(
      flags.map(async (flag) => {
        const alone = await complaints([`-${flag}`, "1,zz9"]);
        const key = propertyFlags[flag];
        const written = typeof key === "string" ? await complaints([`-${flag}`, `${key}=1,zz9`]) : alone;
        return [
          flag,
          alone.includes("boolean option '1'") || alone.includes("Invalid parameter '1'") ? "key" : "head",
          alone.includes("Expected '=' after parameter 'zz9'") ? "keyval" : "options",
          // A key that QEMU does not know would be the first that it complains of.
          written.replaceAll(`-${flag} ${key}=`, `-${flag} `) === alone,
        ];
      }),
    );
    expect(answers).toStrictEqual(
      flags.map((flag) => [
        flag,
        propertyFlags[flag] === null ? "key" : "head",
        keyvalFlags.includes(flag) && flag !== "compat" ? "keyval" : "options",
        true,
      ]),
    );
  });

  test("says for which flags the argument may be JSON", async () => {
    const flags = await available(Object.keys(propertyFlags));
    const takesJson = await Promise.all(
      flags.map(async (flag) => (await complaints([`-${flag}`, "{"])).includes("JSON parse error")),
    );
    expect(flags.filter((_, index) => takesJson[index])).toStrictEqual(
      flags.filter((flag) => jsonFlags.includes(flag)),
    );
  });

  test("names no flag twice, and JSON only for property flags", () => {
    const all = [...switchFlags, ...valueFlags, ...Object.keys(propertyFlags)];
    expect(all.filter((flag, index) => all.indexOf(flag) !== index)).toStrictEqual([]);
    for (const flag of [...jsonFlags, ...keyvalFlags]) expect(propertyFlags).toHaveProperty([flag]);
    for (const flag of Object.keys({ ...removedFlags, ...addedFlags })) expect(all).toContain(flag);
  });
});

describe("findUnavailableFlags", () => {
  const options = parseArgv([
    "-no-acpi",
    "--runas",
    "me",
    "-run-with",
    "user=me",
    "-S",
    "-no-such",
    "disk.img",
  ]);

  test.each([
    ["7.2.22", ["run-with"]],
    ["QEMU emulator version 9.0.50 (v9.0)", ["no-acpi"]],
    ["10.0", ["no-acpi", "runas"]],
    [undefined, ["no-acpi", "runas", "run-with"]],
  ])("names those that QEMU %s refuses", (version, flags) => {
    expect(findUnavailableFlags(options, version).map(({ flag }) => flag)).toStrictEqual(flags);
  });

  test("says since when, and what does the same", () => {
    expect(findUnavailableFlags(options, "11.1.3")).toStrictEqual([
      { flag: "no-acpi", removedIn: "9.0", instead: "-machine acpi=off" },
      { flag: "runas", removedIn: "10.0", instead: "-run-with user=USER" },
    ]);
    expect(findUnavailableFlags(options, "8.0")).toStrictEqual([{ flag: "run-with", addedIn: "8.1" }]);
  });

  test("wants a version", () => {
    expect(thrownBy(() => findUnavailableFlags(options, "new")).code).toBe("QEMU_VALUE_INVALID");
  });
});
