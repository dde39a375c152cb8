import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { settingsSchema } from "../src/index.js";

test.each([
  ["user", "config.json"],
  ["tree", "vm.config.json"],
] as const)("the published schema of the %s's file is the one that is checked", (scope, name) => {
  const file = new URL(`../schema/${name}`, import.meta.url);
  // UPDATE_SCHEMA=1 writes it anew.
  if (process.env["UPDATE_SCHEMA"] === "1")
    writeFileSync(file, `${JSON.stringify(settingsSchema(scope), null, 2)}\n`);
  expect(existsSync(file)).toBe(true);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(settingsSchema(scope));
});
