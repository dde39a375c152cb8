import { doctorAdvice } from "./doctor-advice.js";

/**
 * What a person can do by an environment variable of vm, by the code of an error or a warning. Packages do not know these variables: they are told
 * where the cache is.
 */
const environmentAdvice: Readonly<Record<string, string>> = {
  CACHE_UNTRUSTED: "Set VM_CACHE_HOME to a directory of your own.",
  CACHE_UNUSABLE: "Set VM_CACHE_HOME to another directory.",
  DISK_FULL: "Or set VM_CACHE_HOME to a directory on another disk.",
  FETCH_DISK_FULL: "Or set VM_CACHE_HOME to a directory on another disk.",
};

/**
 * What to do next about an error or a warning: its own hint, what vm's environment offers, and of an error, whether `vm doctor` explains
 * it. Undefined where there is nothing.
 * @param kernels of an error: what `-k` named
 */
export function nextStep(
  {
    code,
    hint,
  }: {
    readonly code?: string | undefined;
    readonly hint?: string | undefined;
  },
  kernels?: readonly string[],
): string | undefined {
  const environment =
    code !== undefined && Object.hasOwn(environmentAdvice, code) ? environmentAdvice[code] : undefined;
  const doctor = kernels === undefined ? undefined : doctorAdvice(code, kernels);
  const steps = [hint, environment, doctor].filter((step) => step !== undefined);
  return steps.length === 0 ? undefined : steps.join(" ");
}
