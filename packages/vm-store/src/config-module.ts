import { inspect } from "node:util";
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { codedError } from "@vm/command-plan";
import { readRegularText } from "@vm/host-files";
import { readCaught } from "./caught-error.js";
import { importModule } from "./import-module.js";
import { readLiteralModule } from "./literal-module.js";

/** How long a config module may take, for example for a top-level await: a person waits no longer either. */
const LOAD_LIMIT_MS = 5000;

/** A start of Node, which took more than two seconds on a machine with other work to do. */
const PLACE_LIMIT_MS = 20_000;

export interface ModuleSource {
  /** Absolute path of the module. */
  readonly file: string;
  /** How errors name it: `TestVM/vm.mjs`. */
  readonly label: string;
}

/**
 * The exports of a config module. Plain literals are read without Node's module loader (see literal-module.ts).
 * @throws CONFIG_SYNTAX, CONFIG_THREW, CONFIG_TIMEOUT; and what reading the file throws
 */
export async function loadConfigModule(
  source: ModuleSource,
  names: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const text = readRegularText(source.file);
  return readLiteralModule(text, names) ?? (await importFile(source));
}

async function importFile(source: ModuleSource): Promise<Readonly<Record<string, unknown>>> {
  const { file, label } = source;
  const guard = guardProcess(label);
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const message = `${label}: still not loaded after ${LOAD_LIMIT_MS / 1000} s`;
      reject(
        codedError("CONFIG_TIMEOUT", message, {
          hint: "Look for an await at its top level that never ends.",
        }),
      );
    }, LOAD_LIMIT_MS);
  });
  try {
    const loaded = await Promise.race([importModule(pathToFileURL(file).href), limit]);
    guard.check();
    return loaded;
  } catch (error) {
    guard.check();
    if (readCaught(error).code === "CONFIG_TIMEOUT") throw error;
    throw describeFailure(source, error);
  } finally {
    clearTimeout(timer);
    guard.release();
  }
}

/**
 * While a module loads it can neither end the program (`process.exit`) nor write to standard output, which belongs to the
 * command's own answer: console.log goes to standard error.
 */
function guardProcess(label: string): { check(): void; release(): void } {
  const exit = Object.getOwnPropertyDescriptor(process, "exit");
  const { log, info, debug } = console;
  let exited = false;
  process.exit = () => {
    exited = true;
    throw new Error("process.exit was called");
  };
  Object.assign(console, { log: console.error, info: console.error, debug: console.error });
  return {
    check() {
      if (!exited) return;
      throw codedError("CONFIG_THREW", `${label}: calls process.exit`, {
        hint: "Export qemuOptions and kernelCmdline, and leave the process alone.",
      });
    },
    release() {
      if (exit !== undefined) Object.defineProperty(process, "exit", exit);
      Object.assign(console, { log, info, debug });
    },
  };
}

function describeFailure({ file, label }: ModuleSource, error: unknown): Error {
  const place = error instanceof SyntaxError ? syntaxErrorPlace(file) : undefined;
  if (error instanceof SyntaxError && place !== undefined) {
    return codedError("CONFIG_SYNTAX", `${label}${place}: syntax error: ${error.message}`, { cause: error });
  }
  const line = lineOf(file, error);
  const message =
    error instanceof Error
      ? `${error.name}: ${error.message}`
      : `threw ${inspect(error, { depth: 1, breakLength: Infinity })}`;
  return codedError("CONFIG_THREW", `${label}${line}: cannot be loaded: ${firstLine(message)}`, {
    cause: error,
  });
}

/** `:3` when the error's stack goes through this very file. */
function lineOf(file: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const start = stack.indexOf(pathToFileURL(file).href);
  const found = start < 0 ? null : /^:(\d+)/.exec(stack.slice(start + pathToFileURL(file).href.length));
  return found === null ? "" : `:${found[1]}`;
}

/**
 * import() does not say where a syntax error is, but Node as a program does, in its first line: `file:///VM/vm.mjs:3`. Empty where it does
 * not. Undefined: all modules can be read, so the error was thrown while they ran (JSON.parse).
 *
 * That program never runs the module, which has run once already: it imports it beside something that there is not. All modules are read first,
 * and then Node looks whether all that is imported is there.
 */
function syntaxErrorPlace(file: string): string | undefined {
  const url = pathToFileURL(file).href;
  const text = `import ${JSON.stringify(url)};\nimport { ${NOT_THERE} } from "node:os";`;
  // Where program and Node are one file, that is what loads a module.
  const words =
    process.argv[1] === process.execPath ? ["--vm-module", text] : ["--input-type=module", "-e", text];
  const { stderr } = spawnSync(process.execPath, words, {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    env: {},
    timeout: PLACE_LIMIT_MS,
  });
  if (stderr.includes(NOT_THERE)) return undefined;
  const [, path = "", line] = /^(\S[^\n]*):(\d+)\n/.exec(stderr) ?? [];
  if (line === undefined) return "";
  return path === url || path === file ? `:${line}` : `: ${path}:${line}`;
}

const NOT_THERE = "thereIsNothingOfThisName";

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
