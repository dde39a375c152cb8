import { codedError } from "@vm/command-plan";

/** A command line that means nothing: ends the bin with the exit code for wrong usage. */
export function usageError(message: string, hint?: string): Error {
  return codedError("USAGE", message, hint === undefined ? {} : { hint });
}
