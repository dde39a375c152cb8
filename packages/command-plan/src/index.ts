export type { Plan, Step } from "./plan.js";
export type { CodedError } from "./coded-error.js";
export { codedError } from "./coded-error.js";
