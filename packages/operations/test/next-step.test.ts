import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nextStep } from "../src/next-step.js";

test("an error of the cache says which variable moves it, after its own hint", () => {
  expect(nextStep({ code: "CACHE_UNUSABLE" })).toBe("Set VM_CACHE_HOME to another directory.");
  expect(nextStep({ code: "DISK_FULL", hint: "Make room in /iso." })).toMatch(
    /^Make room in .*VM_CACHE_HOME/,
  );
  expect(nextStep({ code: "VM_EXISTS", hint: "Remove it." })).toBe("Remove it.");
  expect(nextStep({})).toBeUndefined();
});

test("no package below names the variable: where the cache is, they are told", () => {
  const packages = join(import.meta.dirname, "../..");
  const sources = readdirSync(packages)
    .filter((name) => name !== "operations")
    .flatMap((name) =>
      readdirSync(join(packages, name, "src"), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts"))
        .map((file) => join(packages, name, "src", file)),
    );
  expect(sources.length).toBeGreaterThan(100);
  expect(sources.filter((file) => readFileSync(file, "utf8").includes("VM_CACHE_HOME"))).toEqual([]);
});
