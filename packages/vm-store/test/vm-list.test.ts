import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listVms } from "../src/index.js";
import { scratchDirectory } from "./scratch.js";

test("directories, and links that may lead to one, are VMs; files and hidden entries are not", () => {
  const home = scratchDirectory();
  for (const name of ["b", "a b", "ünï", ".git", ".b.new", ".b.new-1-2-00000000-3"])
    mkdirSync(join(home, name));
  writeFileSync(join(home, "notes.txt"), "");
  symlinkSync("b", join(home, "link"));
  expect(listVms(home)).toEqual(["a b", "b", "link", "ünï"]);
});

test("a home that does not exist has no VMs; one that is no directory is an error", () => {
  const home = scratchDirectory();
  expect(listVms(join(home, "none"))).toEqual([]);
  writeFileSync(join(home, "file"), "");
  expect(() => listVms(join(home, "file"))).toThrow(expect.objectContaining({ code: "VM_HOME_UNREADABLE" }));
});
