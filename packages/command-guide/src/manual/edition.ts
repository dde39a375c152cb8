import { execFileSync } from "node:child_process";
import type { Edition } from "./roff.js";

/** The date is that of the last commit of the sources, so that the same ones make the same bytes; SOURCE_DATE_EPOCH goes before it. */
export function readEdition(
  version: string,
  sources: { readonly directory: string; readonly env: Readonly<Record<string, string | undefined>> },
): Edition {
  const seconds =
    sources.env["SOURCE_DATE_EPOCH"] ??
    commitTime(sources.directory) ??
    String(Math.floor(Date.now() / 1000));
  return { version, date: new Date(Number(seconds) * 1000).toISOString().slice(0, 10) };
}

function commitTime(directory: string): string | undefined {
  try {
    const text = execFileSync("git", ["log", "-1", "--format=%ct"], {
      cwd: directory,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    return text === "" ? undefined : text;
  } catch {
    return undefined;
  }
}
