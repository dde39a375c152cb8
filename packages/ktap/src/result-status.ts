import type { KtapDirective, KtapStatus } from "./ktap-report.js";

/** What a result line says. */
export function statusOf(ok: boolean, directive: KtapDirective | null): KtapStatus {
  switch (directive) {
    case "SKIP":
      return "skipped";
    case "XFAIL":
      return "expected-failure";
    case "TODO":
      return ok ? "passed" : "expected-failure";
    case "TIMEOUT":
    case "ERROR":
      return "failed";
    case null:
      return ok ? "passed" : "failed";
    default:
      return directive satisfies never;
  }
}
