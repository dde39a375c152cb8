import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { allFeatures, checkConfig, type Feature } from "@vm/kernel-build";
import { describe, expect, test } from "vitest";
import { readFragments } from "../src/index.js";

const configs = fileURLToPath(new URL("../../../configs", import.meta.url));
const files = readdirSync(configs).filter((name) => name.endsWith(".fragment"));
const lines = (name: string) => readFileSync(join(configs, name), "utf8").split("\n");

/** Other options of these fragments bring what these features need. */
const features = allFeatures.filter((feature: Feature) => feature !== "gdb" && feature !== "trace");

describe("configs/", () => {
  test("has the fragments that are documented", () => {
    const names = new Set(files.map((name) => name.replace(/\..*/, "")));
    expect([...names].toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
      "blktests",
      "debug",
      "filesystems",
      "gdb",
      "kasan",
      "lockdep",
      "qemu",
      "small",
      "trace",
      "vsock",
      "xfstests",
    ]);
  });

  test.each(files)(
    "%s says what it is for, sets no option twice, and gives each block its reason",
    (name) => {
      const text = lines(name);
      expect(text[0]).toMatch(/^# [A-Z]/);
      const options = text.flatMap((line) => /^(?:# )?(CONFIG_\w+)(?:=| is not set)/.exec(line)?.[1] ?? []);
      expect(new Set(options).size).toBe(options.length);
      const blocks = text.join("\n").split(/\n{2,}/);
      for (const block of blocks.slice(1)) expect(block.trimStart()).toMatch(/^(?:# --- |include ")/);
      expect(text.filter((line) => line.length > 140)).toEqual([]);
    },
  );

  test.each(["x86_64", "arm64"])(
    "qemu and vsock build in all that any feature of vm needs on %s",
    (fragments) => {
      const wanted = readFragments(["qemu", "vsock"], { cwd: configs, configs, arch: fragments });
      const options = Object.fromEntries(wanted.map(({ option, value }) => [option, value]));
      const arch = fragments === "arm64" ? "aarch64" : "x86_64";
      expect(checkConfig({ arch, modules: "built", options, release: "6.12.0" }, features)).toEqual([]);
    },
  );

  test("hardly anything is let go in silence", () => {
    const wanted = files.flatMap((name) => readFragments([name], { cwd: configs }));
    const silent = wanted.filter(({ strength }) => strength === "if-possible").map(({ option }) => option);
    expect(silent).toEqual(["CONFIG_FAULT_INJECTION_CONFIGFS", "CONFIG_NFS_V4_1", "CONFIG_NFS_V4_1"]);
  });
});
