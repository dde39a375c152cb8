import { defineConfig, mergeConfig } from "vitest/config";
import root from "../vitest.config.js";

// A guest without KVM keeps one core busy: as many at a time as two cores bear, however many there are.
export default mergeConfig(
  root,
  defineConfig({
    test: {
      maxWorkers: 2,
      testTimeout: 600_000,
      hookTimeout: 1_800_000,
      globalSetup: "fixtures/global-setup.mjs",
    },
  }),
);
