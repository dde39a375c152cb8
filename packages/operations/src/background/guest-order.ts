import type { Notice } from "../notice.js";
import type { RunCommandRequest, RunVmRequest } from "../request/request.js";

/** What guest is to run in the background, and for whom. All of it survives JSON: it goes to another process, and stands in the guest's entry. */
export interface GuestOrder {
  /** A VM, or the embedded guest with a shell on its console. */
  readonly run: RunVmRequest | RunCommandRequest;
  /** The VM's name, or the one that the embedded guest gets. */
  readonly name: string;
  /** What relative paths are relative to. */
  readonly cwd: string;
  /** How the person asked for it. */
  readonly command: readonly string[];
}

/** The order as it is handed to the process that watches over the guest, with all that such a process has of its caller. */
export interface HandedOrder extends GuestOrder {
  readonly env: Readonly<Record<string, string>>;
  readonly umask: number;
  /** The systemd unit that it is. */
  readonly unit?: string;
}

/** How a guest shows that it is up: docs/background.md. `exec`: it serves the port for commands. */
export type UpSign = "exec" | "login" | "shell" | "ssh";

/** What the process that watches over a guest says to the one that started it. */
export type SupervisorMessage =
  | { readonly kind: "notice"; readonly notice: Notice }
  /** QEMU runs. */
  | { readonly kind: "started" }
  | { readonly kind: "up"; readonly by: UpSign }
  /** It will not be up by itself. */
  | { readonly kind: "stuck"; readonly reason: string }
  /** It could not be started. */
  | {
      readonly kind: "failed";
      readonly message: string;
      readonly code?: string;
      readonly hint?: string;
      /** Of a `RequestFault`. */
      readonly field?: string;
      readonly problem?: string;
    }
  /** It has ended, as docs/exit-codes.md has it. */
  | { readonly kind: "ended"; readonly exitCode: number; readonly sentence: string };

/** An error as a message of it. */
export function failureMessage(error: unknown): Extract<SupervisorMessage, { kind: "failed" }> {
  if (!(error instanceof Error)) return { kind: "failed", message: String(error) };
  return { kind: "failed", message: error.message, ...Object.fromEntries(texts(Object.entries(error))) };
}

/** The error that a message tells of. */
export function failureOf(failure: Extract<SupervisorMessage, { kind: "failed" }>): Error {
  return Object.assign(new Error(failure.message), Object.fromEntries(texts(Object.entries(failure))));
}

/** Of an error's properties those that a person or a script makes use of. */
const told: readonly string[] = ["code", "hint", "field", "problem"];

function texts(properties: readonly (readonly [string, unknown])[]): [string, string][] {
  return properties.flatMap(([name, value]) =>
    told.includes(name) && typeof value === "string" ? [[name, value]] : [],
  );
}
