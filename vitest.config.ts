import { defineConfig } from "vitest/config";

// Tests import packages from their TypeScript sources: nothing has to be built first.
const conditions = ["@vm/source", "module", "node", "development|production"];

export default defineConfig({
  resolve: {
    conditions,
    alias: [{ find: /^fast-check$/, replacement: `${import.meta.dirname}/tools/seeded-fast-check.ts` }],
  },
  ssr: { resolve: { conditions } },
  test: {
    include: ["**/test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    // A busy machine with two cores takes fifty times as long as a quiet one.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    reporters: ["default", ["json", { outputFile: "test-results.json" }]],
  },
});
