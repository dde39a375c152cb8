export type { Plan, Step } from "./plan.js";
export type { CodedError } from "./coded-error.js";
export type { ExecContext, ExecuteOptions, Outcome, StandardStream, StepFailure } from "./execute.js";
export { codedError } from "./coded-error.js";
export { execute } from "./execute.js";
export { plainLine, plainText } from "./plain-text.js";
export { quoteShell } from "./shell-word.js";
export { toScript } from "./script.js";
export { writeAll } from "./write-all.js";
