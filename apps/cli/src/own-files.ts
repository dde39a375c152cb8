import { join } from "node:path";

/** The build copies these directories beside the bundle: completion scripts, fragments of configurations, the pages of docs/. */
export function ownFiles(name: "completion" | "configs" | "docs"): string {
  return join(import.meta.dirname, "..", name);
}
