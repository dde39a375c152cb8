import { expect, test } from "vitest";
import { execute, type Plan, toScript } from "../src/index.js";

const refused: readonly (readonly [string, Plan, string])[] = [
  [
    "exec before the end",
    [
      { kind: "exec", argv: ["true"] },
      { kind: "comment", text: "never" },
    ],
    "step 1 (exec): exec has to be last",
  ],
  ["a NUL in an argument", [{ kind: "run", argv: ["echo", "a\0"] }], "NUL"],
  ["a NUL in a path", [{ kind: "make-directory", path: "\0" }], "NUL"],
  ["an empty path", [{ kind: "change-directory", path: "" }], "the path is empty"],
  ["a program with no name", [{ kind: "run", argv: [""] }], "the program has no name"],
  ["a program that looks like an option", [{ kind: "exec", argv: ["-a"] }], "starts with a dash: -a"],
  ["a mode that is none", [{ kind: "write-file", path: "a", content: "", mode: 0o10000 }], "07777"],
  ["a rename onto itself", [{ kind: "rename", from: "a", to: "a" }], "renames a path to itself"],
  ["the removal of the root", [{ kind: "remove", path: "//", recursive: true }], "refuses to remove //"],
  [
    "the removal of the parent",
    [{ kind: "remove", path: "a/../", recursive: true }],
    "refuses to remove a/../",
  ],
];

test.each(refused)("both readers refuse %s before anything is done", async (_name, plan, message) => {
  const error = expect.objectContaining({ code: "PLAN_INVALID", message: expect.stringContaining(message) });
  expect(() => toScript(plan)).toThrow(error);
  await expect(execute(plan)).rejects.toThrow(error);
});
