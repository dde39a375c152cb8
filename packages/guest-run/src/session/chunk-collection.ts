import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** How many bytes pass between two collections. */
const INTERVAL = 4 * 1024 * 1024;

/**
 * Counts the bytes of chunks on their way between guest and host, and has V8 collect those that went. By itself it lets
 * 32 MB of them lie before it looks, which is as much as all of this process; a minor collection takes under a
 * millisecond.
 */
export function chunkCollection(): (chunk: Uint8Array) => void {
  let passed = 0;
  let collect: ((options: { type: "minor" }) => void) | undefined;
  return ({ length }) => {
    passed += length;
    if (passed < INTERVAL) return;
    passed = 0;
    collect ??= exposedCollector();
    collect({ type: "minor" });
  };
}

/**
 * V8's own `gc`: that of this process, or of a context made while the flag was on. Nobody else gets it: the flag is off again before any
 * other code runs. Why not something else: docs/decisions.md, "Two switches of Node that are for the whole process".
 */
function exposedCollector(): (options: { type: "minor" }) => void {
  if (globalThis.gc !== undefined) return globalThis.gc;
  setFlagsFromString("--expose-gc");
  let collect: unknown;
  try {
    collect = runInNewContext("globalThis.gc");
  } finally {
    setFlagsFromString("--no-expose-gc");
  }
  return typeof collect === "function"
    ? (options) => void Reflect.apply(collect, undefined, [options])
    : () => {};
}
