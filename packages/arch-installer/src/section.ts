import type { Statement } from "./shell-text.js";

/** A part of the installation that succeeds or fails as a whole; in the script it is a function. */
export interface Section {
  /** The function's name. */
  readonly name: string;
  /** What happens, for the person who waits. */
  readonly title: string;
  readonly body: readonly Statement[];
}
