import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { flagSyntax } from "../src/flag-syntax.js";
import { jsonFlags, propertyFlags, switchFlags, valueFlags } from "../src/flag-table.js";

const run = promisify(execFile);

/** What QEMU says of a command line. With -version first it looks at every flag, and starts nothing. */
async function askQemu(argv: readonly string[]): Promise<string> {
  try {
    await run("qemu-system-x86_64", ["-version", ...argv]);
    return "fine";
  } catch (error) {
    return String(error);
  }
}

/** The flags of -help, and those that it hides because they are for other targets or for QEMU's own tests. */
async function installedFlags(): Promise<string[]> {
  const { stdout } = await run("qemu-system-x86_64", ["-help"]);
  const listed = [...stdout.matchAll(/^--?([A-Za-z0-9][\w-]*)(?:\/-(\w+)| or -(\w+))?/gm)].flatMap((match) =>
    match.slice(1).filter((name) => name !== undefined),
  );
  return [...new Set([...listed, "M", "g", "prom-env", "qtest", "qtest-log", "semihosting"])];
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

  test("names no flag twice, and JSON only for property flags", () => {
    const all = [...switchFlags, ...valueFlags, ...Object.keys(propertyFlags)];
    expect(all.filter((flag, index) => all.indexOf(flag) !== index)).toStrictEqual([]);
    expect(jsonFlags.filter((flag) => !Object.hasOwn(propertyFlags, flag))).toStrictEqual([]);
  });
});
