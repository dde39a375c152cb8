import { expect, test } from "vitest";
import { mergeWarnings } from "../src/index.js";

test("what one source has warned of is not said again by the next one, and hints stay", () => {
  const built = [
    { code: "MODULES_NOT_BUILT", message: "no modules were built", hint: "Run make." },
    { code: "CONFIG_NOT_SET", message: "CONFIG_A" },
  ];
  const index = [
    { code: "MODULES_NOT_BUILT", message: "there is nothing to index" },
    { code: "CONFIG_IS_MODULE", message: "CONFIG_B" },
    { code: "CONFIG_IS_MODULE", message: "CONFIG_C" },
    { code: "CONFIG_IS_MODULE", message: "CONFIG_C" },
  ];
  expect(mergeWarnings(built, index)).toEqual([
    {
      kind: "warning",
      about: "kernel",
      code: "MODULES_NOT_BUILT",
      message: "no modules were built",
      hint: "Run make.",
    },
    { kind: "warning", about: "kernel", code: "CONFIG_NOT_SET", message: "CONFIG_A" },
    { kind: "warning", about: "kernel", code: "CONFIG_IS_MODULE", message: "CONFIG_B" },
    { kind: "warning", about: "kernel", code: "CONFIG_IS_MODULE", message: "CONFIG_C" },
  ]);
});
