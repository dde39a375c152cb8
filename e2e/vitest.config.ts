import { defineConfig, mergeConfig } from "vitest/config";
import root from "../vitest.config.js";

// Guests are slow without KVM, and two cores bear one at a time.
export default mergeConfig(
  root,
  defineConfig({
    test: {
      fileParallelism: false,
      testTimeout: 600_000,
      hookTimeout: 1_800_000,
      globalSetup: "fixtures/global-setup.mjs",
    },
  }),
);
