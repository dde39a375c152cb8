import { quoteShell } from "@vm/command-plan";
import { nextStep } from "./next-step.js";

/** Something that the person ought to know, and that is no error. `about`: it holds for this kernel; else for the machine or the whole run. */
export type Notice =
  /** What will perhaps go wrong. `code` is stable. */
  | {
      readonly kind: "warning";
      readonly code: string;
      readonly message: string;
      readonly hint?: string;
      readonly about?: "kernel";
    }
  /** What is done, or was decided. */
  | { readonly kind: "remark"; readonly message: string; readonly about?: "kernel" }
  /** A command for the person to copy. */
  | { readonly kind: "command"; readonly argv: readonly string[] };

/** What packages warn of. */
type Warning = Pick<Extract<Notice, { kind: "warning" }>, "code" | "hint" | "message">;

export function warning(code: string, message: string, hint?: string): Notice {
  return { kind: "warning", code, message, ...(hint === undefined ? {} : { hint }) };
}

export function remark(message: string): Notice {
  return { kind: "remark", message };
}

/** The same, of a kernel: among several it is said which. */
export function aboutKernel(notice: Notice): Notice {
  return notice.kind === "command" ? notice : { ...notice, about: "kernel" };
}

/**
 * The warnings of several sources about a kernel, those of the first first. A source may warn of several things with one code (options that are
 * missing); what an earlier source has warned of is not said again by a later one.
 */
export function mergeWarnings(...sources: readonly (readonly Warning[])[]): Notice[] {
  const known = new Set<string>();
  return sources.flatMap((source) => {
    const news = source.filter(({ code }) => !known.has(code));
    for (const { code } of news) known.add(code);
    const unique = news.filter(
      ({ message }, index) => news.findIndex((other) => other.message === message) === index,
    );
    return unique.map(({ code, message, hint }) => aboutKernel(warning(code, message, hint)));
  });
}

/** A warning as one line, with what to do next. */
export function warningText(warned: Warning): string {
  const next = nextStep(warned);
  return `${warned.message}${next === undefined ? "" : `. ${next}`}`;
}

/** A notice as one line for a person; a command as a shell takes it, indented. */
export function noticeText(notice: Notice): string {
  switch (notice.kind) {
    case "warning":
      return `warning: ${warningText(notice)}`;
    case "remark":
      return notice.message;
    case "command":
      return `  ${notice.argv.map(quoteShell).join(" ")}`;
    default:
      return notice satisfies never;
  }
}
