import { dirname, join } from "node:path";
import type { Plan } from "@vm/command-plan";
import { INSTALL_DIRECTORY } from "@vm/vm-store";
import type { InstallTarget } from "./target.js";

/** Where what is said of the installation is kept. Absolute. */
export interface LogFiles {
  /** What the installation prints. */
  readonly log: string;
  /** The serial console. */
  readonly console: string;
}

/** An installation as three plans: one after the other they are the whole. */
export interface InstallPlan {
  readonly target: InstallTarget;
  readonly logs: LogFiles;
  readonly prepare: Plan;
  readonly guest: GuestStep;
  /** Looks whether it is installed, where the guest's own exit code does not say it. */
  readonly check: Plan;
  /** After success only. */
  readonly finish: Plan;
}

/** The program that is the guest, and how it is followed. */
export interface GuestStep {
  readonly argv: readonly [string, ...string[]];
  /** Its working directory. */
  readonly directory: string;
  readonly answers:
    /** The guest writes to files: its words on the status port, and the log. */
    | { readonly kind: "files"; readonly status: string }
    /** The program's output is the log, its exit code the answer: that of `vm run --exec`. */
    | { readonly kind: "program" };
}

/** The plan as one: for a script. */
export function wholePlan({ prepare, guest, check, finish }: InstallPlan): Plan {
  return [
    ...prepare,
    { kind: "change-directory", path: guest.directory },
    { kind: "run", argv: guest.argv },
    ...check,
    ...finish,
  ];
}

/** What is done before the guest starts, whatever the guest is. */
export function beginning(target: InstallTarget, { log, console }: LogFiles): Plan {
  return [
    ...target.begin,
    { kind: "make-directory", path: join(target.directory, INSTALL_DIRECTORY), mode: 0o700 },
    { kind: "make-directory", path: dirname(log), parents: true },
    // What an earlier guest said must not pass for this one's.
    { kind: "write-file", path: console, content: "" },
  ];
}

/** What makes a VM of the disk. @param place QEMU's directory */
export function finishing(target: InstallTarget, place: string): Plan {
  return [
    // QEMU did not wait for the disk of the host.
    { kind: "run", argv: ["sync", target.disk] },
    { kind: "remove", path: place, recursive: true },
    ...target.finish,
  ];
}
