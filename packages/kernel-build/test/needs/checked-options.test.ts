import { expect, test } from "vitest";
import { knownArchitectures } from "@vm/architectures";
import { allFeatures, requirementsOf, wantedOptions } from "../../src/index.js";

test("each option that a feature needs is read from a configuration, once, whatever the architecture", () => {
  const needed = knownArchitectures.flatMap(({ name }) =>
    allFeatures.flatMap((feature) =>
      (["9p", "virtiofs"] as const).flatMap((share) =>
        requirementsOf(feature, name, share).map(({ option }) => option),
      ),
    ),
  );
  expect(needed).toContain("CONFIG_S390_GUEST");
  expect(needed.filter((option) => !wantedOptions.includes(option))).toEqual([]);
  expect(new Set(wantedOptions).size).toBe(wantedOptions.length);
});
