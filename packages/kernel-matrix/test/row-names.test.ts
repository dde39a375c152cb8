import { assert, array, constantFrom, property } from "fast-check";
import { expect, test } from "vitest";
import { numbered, shortNames } from "../src/row-names.js";

test("a kernel is named by the last parts of its path, as many as it takes", () => {
  expect(shortNames(["/home/me/linux-6.1", "/home/me/linux-6.12"])).toEqual(["linux-6.1", "linux-6.12"]);
  expect(shortNames(["/a/lts/build", "/a/next/build", "/b/next/build"])).toEqual([
    "lts/build",
    "a/next/build",
    "b/next/build",
  ]);
  expect(shortNames(["/nonexistent"])).toEqual(["nonexistent"]);
});

test("a path that ends like the whole of another keeps more of itself", () => {
  expect(shortNames(["/build", "/a/build"])).toEqual(["/build", "a/build"]);
});

test("the same kernel twice gets two names", () => {
  expect(shortNames(["/k/a", "/k/a", "/k/b"])).toEqual(["a", "a (2)", "b"]);
});

test("names are unique, whatever the paths", () => {
  const part = constantFrom("a", "b", "a (2)");
  assert(
    property(array(array(part, { minLength: 1, maxLength: 3 }), { maxLength: 8 }), (paths) => {
      const names = shortNames(paths.map((parts) => `/${parts.join("/")}`));
      expect(new Set(names).size).toBe(paths.length);
    }),
  );
});

test("a number that is taken is passed over", () => {
  expect(numbered(["x", "x (2)", "x"])).toEqual(["x", "x (2)", "x (3)"]);
});
