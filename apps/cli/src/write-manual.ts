import { readEdition, writeManual } from "@vm/command-guide";
import { ownFiles } from "./own-files.js";
import { readManifest } from "./own-version.js";

/** Writes the manual pages of all commands and of docs/ into a directory, for the build. */
export function writeOwnManual(directory: string): void {
  const sources = { directory: import.meta.dirname, env: process.env };
  writeManual(directory, ownFiles("docs"), readEdition(readManifest().version, sources));
}
