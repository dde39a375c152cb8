/**
 * fast-check as the tests import it (see vitest.config.ts). Its properties try the same inputs in every run, so that a
 * commit which passed once passes again; `PROPERTY_SEED=random`, or a number, tries others: for a longer look.
 */
import { configureGlobal } from "../node_modules/fast-check/lib/fast-check.js";

export * from "../node_modules/fast-check/lib/fast-check.js";

const seed = process.env["PROPERTY_SEED"] ?? "1";
if (seed !== "random") configureGlobal({ seed: Number(seed) });
