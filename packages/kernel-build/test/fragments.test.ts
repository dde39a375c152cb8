import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { KernelOptions } from "../src/index.js";
import { checkConfig } from "../src/index.js";

function fragment(name: string): string[] {
  const file = new URL(`../../../configs/${name}`, import.meta.url);
  return readFileSync(file, "utf8").split("\n");
}

describe("configs/qemu.fragment", () => {
  test("sets, built in, everything that the checks before a boot ask for", () => {
    const options: KernelOptions = Object.fromEntries(
      fragment("qemu.fragment")
        .filter((line) => line.startsWith("CONFIG_"))
        .map((line) => line.split("=", 2)),
    );
    const build = { arch: "x86_64", modules: "built", options, release: "6.12.0" } as const;
    expect(checkConfig(build, ["console", "disk", "modules", "embedded", "command"])).toEqual([]);
  });
});

describe.each(["qemu.fragment", "debug.fragment"])("configs/%s", (name) => {
  test("holds nothing but comments and options, none twice", () => {
    const form = /^(?:(CONFIG_\w+)=(?:y|m|\d+|".*")|# (CONFIG_\w+) is not set)$/;
    const lines = fragment(name).filter((line) => line !== "" && (!line.startsWith("#") || form.test(line)));
    const options = lines.map((line) => form.exec(line)).map((found) => found?.[1] ?? found?.[2]);
    expect(options).not.toContain(undefined);
    expect(new Set(options).size).toBe(options.length);
  });
});
