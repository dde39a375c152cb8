import { defineConfig, mergeConfig } from "vitest/config";
import root from "../vitest.config.js";
import { LongestFirst } from "./longest-first.js";

// A guest without KVM keeps one core busy, but a test also waits: three files at a time keep two cores busy.
export default mergeConfig(
  root,
  defineConfig({
    test: {
      maxWorkers: 3,
      sequence: { sequencer: LongestFirst },
      testTimeout: 600_000,
      hookTimeout: 1_800_000,
      globalSetup: "fixtures/global-setup.mjs",
    },
  }),
);
