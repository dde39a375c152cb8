import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderArgv } from "@vm/qemu-argv";
import { expect, test } from "vitest";
import { createVm, loadConfig, withMoreOptions, withOption, withoutOptions } from "../src/index.js";
import { scratchDirectory } from "./scratch.js";

const module = (options: string): string =>
  `// mine\nexport const qemuOptions = [${options}];\nexport const kernelCmdline = ["quiet"]; // end\n`;

test.each([
  [`["-m", "1G"]`, `["-m", "2G"]`],
  [`\n  ["-m", "1G"], // memory\n  ["-S"]`, `\n  ["-m", "2G"], // memory\n  ["-S"]`],
  // QEMU takes the last.
  [`["-m", "1G"], ['--m', '512']`, `["-m", "1G"], ["-m", "2G"]`],
  [``, `\n  ["-m", "2G"],`],
  [`["-S"]`, `\n  ["-m", "2G"],["-S"]`],
  [`{ flag: "S" }, ["-m", "]\\u0041"],`, `{ flag: "S" }, ["-m", "2G"],`],
])("memory is set in [%s]", (options, edited) => {
  expect(withOption(module(options), ["-m", "2G"])).toBe(module(edited));
});

test.each([
  ["computes", "export const qemuOptions = [[`-m`, `1G`]];"],
  ["has more in one place", module(`["-m", "size=1G,slots=2"]`)],
  ["has more options in one list", module(`["-m", "1G", "-S"]`)],
  ["has it behind another one in a list", module(`["-S", "-m", "1G"]`)],
  ["says it as data", module(`{ flag: "m", value: "1G" }`)],
  ["has no list", "export const qemuOptions = {};"],
])("what %s is left to the person", (_, text) => {
  expect(() => withOption(text, ["-m", "2G"])).toThrow(
    expect.objectContaining({ code: "CONFIG_NOT_EDITABLE" }),
  );
});

test("options are added behind the disks, and taken out with their lines", () => {
  const before = module(`\n  // root\n  ["-drive", "file=a"],\n  ["-S"],\n`);
  const added = withMoreOptions(before, [
    ["-drive", 'file=b, "c"'],
    ["-device", "nvme,drive=b"],
  ]);
  expect(added).toBe(
    module(
      `\n  // root\n  ["-drive", "file=a"],\n  ["-drive", "file=b, \\"c\\""],\n  ["-device", "nvme,drive=b"],\n  ["-S"],\n`,
    ),
  );
  expect(withoutOptions(added, [2, 1])).toBe(before);
  expect(withoutOptions(module(`["-S"], ["-drive", "file=a"]`), [1])).toBe(module(`["-S"], `));
  expect(withMoreOptions(module(""), [["-S"]])).toBe(module(`\n  ["-S"],\n`));
});

test.each(["nvme", "virtio"] as const)(
  "QEMU takes the config of a new VM with more disks on %s",
  async (bus) => {
    const home = scratchDirectory();
    await createVm({ home, name: "A", size: "1M", disks: ["2M", "3M"], bus });
    const { qemuOptions, directory, kernelCmdline } = await loadConfig({ home, name: "A" });
    const { status, stderr } = spawnSync(
      "qemu-system-x86_64",
      [...renderArgv(qemuOptions), "-accel", "tcg", "-S"],
      { cwd: directory, input: "\u0001cquit\n", encoding: "utf8" },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(kernelCmdline[0]).toBe(bus === "nvme" ? "root=/dev/nvme0n1p1" : "root=/dev/vda1");
    expect(readFileSync(join(directory, "vm.mjs"), "utf8")).not.toContain("\n\n\n");
  },
);
