import type { Part, QemuPart } from "./packages.js";

/** One thing that was looked at. */
export interface Finding {
  /** `qemu`, `kvm`, `space`... */
  readonly name: string;
  /** `limited`: `vm` works, and something that it can do is not possible or slow. `broken`: a run of a kernel is not possible. */
  readonly state: "broken" | "limited" | "ok";
  /** What was found, as a sentence without a full stop. */
  readonly found: string;
  /** What is missing, to be installed. */
  readonly missing?: readonly (Part | QemuPart)[];
  /** What repairs it that is no package: a command, or a sentence. */
  readonly repair?: string;
}

export function ok(name: string, found: string): Finding {
  return { name, state: "ok", found };
}

/** The message of what was thrown, and its hint as what repairs it. */
export function findingOf(name: string, state: "broken" | "limited", error: unknown): Finding {
  const found = (error instanceof Error ? error.message : String(error)).replace(/\.$/, "");
  const hint = error instanceof Error && "hint" in error ? error.hint : undefined;
  return { name, state, found, ...(typeof hint === "string" ? { repair: hint } : {}) };
}
