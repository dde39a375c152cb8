import { resolve } from "node:path";
import { Readable } from "node:stream";
import { codedError } from "@vm/command-plan";
import { readRegularText } from "@vm/host-files";
import { capture, matrixReport, outputText, planTests, runTests } from "@vm/kernel-matrix";
import {
  checkConfig,
  consoleLogOf,
  decodedLogData,
  decodeLog,
  describeGuest,
  failureData,
  findKernel,
  listMachines,
  mergeConfig,
  outcomeMeaning,
  pauseGuest,
  planRestart,
  prepareCommand,
  resumeGuest,
  startGuest,
  stopGuests,
  withRunDefaults,
  type Host,
  type LogsRequest,
  type Request,
  type RunCommandRequest,
  type TestRequest,
} from "@vm/operations";

/** The program that watches over a guest in the background. */
export type Supervisor = readonly [string, ...string[]];

/** An operation as a tool: its arguments are the request's fields. */
export interface OperationTool {
  readonly name: string;
  readonly operation: Request["operation"];
  readonly description: string;
  /** `task`: it takes longer than an agent waits. */
  readonly kind: "answer" | "task";
  /** What it is asked as, with the defaults of files. */
  readonly complete: (request: Request, host: Host) => Request;
  readonly run: (request: Request, host: Host, supervisor: Supervisor) => Promise<unknown>;
}

type RequestOf<Operation> = Extract<Request, { readonly operation: Operation }>;

function tool<Operation extends Request["operation"]>(
  name: string,
  operation: Operation,
  description: string,
  run: (request: RequestOf<Operation>, host: Host, supervisor: Supervisor) => unknown,
  more: {
    readonly kind?: "task";
    readonly complete?: (request: RequestOf<NoInfer<Operation>>, host: Host) => RequestOf<NoInfer<Operation>>;
  } = {},
): OperationTool {
  const mine = (request: Request): RequestOf<Operation> => {
    if (isOf(request, operation)) return request;
    throw new Error(`${name} got ${request.operation}`);
  };
  const { kind = "answer", complete } = more;
  return {
    name,
    operation,
    description,
    kind,
    complete: (request, host) => (complete === undefined ? request : complete(mine(request), host)),
    run: async (request, host, supervisor) => run(mine(request), host, supervisor),
  };
}

function isOf<Operation extends Request["operation"]>(
  request: Request,
  operation: Operation,
): request is RequestOf<Operation> {
  return request.operation === operation;
}

const aTask = "Returns a task at once: ask the tool `task` about it, and end it with `cancel_task`.";

const usualLimitMs = 600_000;

/** Commands in guests of their own: with the defaults of files, and a limit. */
const inGuest = {
  kind: "task",
  complete: <Wanted extends RunCommandRequest | TestRequest>(request: Wanted, host: Host): Wanted => {
    const full = withRunDefaults(request, host);
    return { ...full, command: { timeoutMs: usualLimitMs, ...full.command } };
  },
} as const;

/** All operations that an agent can ask for. */
export const operationTools: readonly OperationTool[] = [
  tool(
    "describe_kernel",
    "kernel",
    "What a kernel is: image, release, architecture, modules, and what it lacks for a guest. A package is unpacked.",
    (request, host) => findKernel(request, "run", host),
  ),
  tool(
    "build_revision",
    "kernel",
    `Builds git:REVISION of the repository where vm mcp was started, and says what the kernel is. ${aTask}`,
    (request, host) => findKernel(request, "run", host),
    { kind: "task" },
  ),
  tool(
    "check_config",
    "check-config",
    "What a kernel's configuration lacks, for vm and for fragments, and why an option is not set.",
    (request, host) => checkConfig(request, host),
  ),
  tool(
    "merge_config",
    "merge-config",
    "Merges fragments into a kernel's configuration, and says which options did not stick, and why.",
    (request, host) => mergeConfig(request, host, 2),
  ),
  tool(
    "run_command",
    "run-command",
    `Runs a command on a kernel, in a guest of its own: by default on this machine's root, which it can read and not change. Tells its status, its output and what the kernel complained of. Without timeoutMs it is ended after ten minutes. ${aTask}`,
    runCommand,
    inGuest,
  ),
  tool(
    "run_tests",
    "test",
    `Runs tests on kernels, each pair in a guest of its own, and reports as vm test --json. Without timeoutMs a guest is ended after ten minutes. ${aTask}`,
    runMatrix,
    inGuest,
  ),
  tool(
    "decode_trace",
    "decode",
    "The reports of a kernel in a console log (a file), with file and line of each call of their stacks.",
    async (request, host) => {
      if (request.log === undefined)
        throw codedError("REQUEST_INVALID", "log: expected the name of a file, and it is missing");
      return decodedLogData(await decodeLog(request, Readable.from([]), host));
    },
  ),
  tool("list_vms", "list", "The virtual machines, and the guests that run.", (_request, host) =>
    listMachines(host),
  ),
  tool("vm_info", "info", "What is known of a virtual machine, or of a guest that runs.", (request, host) =>
    describeGuest(request, host),
  ),
  tool(
    "start_vm",
    "start",
    `Starts a virtual machine (run: { operation: "run-vm", vm }), or a kernel with a shell on its console (run: { operation: "run-command", kernel: { name } }, and a name). It runs on until stop_vms ends it, also when vm mcp has ended. ${aTask}`,
    (request, host, supervisor) => startGuest(request, startedBy(supervisor, host), host),
    {
      kind: "task",
      complete: (request, host) => ({ ...request, run: withRunDefaults(request.run, host) }),
    },
  ),
  tool(
    "restart_vm",
    "restart",
    `Ends a guest in the background, and starts it as it was; its kernel is looked up anew. ${aTask}`,
    (request, host, supervisor) => planRestart(request, host).carryOut(startedBy(supervisor, host)),
    { kind: "task" },
  ),
  tool(
    "console_log",
    "logs",
    "What the console of a guest in the background said last (64 KiB): of the run that goes on, else of the last one.",
    lastOfConsole,
  ),
  tool(
    "stop_vms",
    "stop",
    "Powers off guests in the background.",
    async (request, host) => {
      const { stopped, failure } = await stopGuests(request, host);
      if (failure !== undefined) throw failure;
      return stopped;
    },
    { kind: "task" },
  ),
  tool("pause_vm", "pause", "Lets a guest in the background stand still.", async (request, host) => {
    await pauseGuest(request, host);
    return { paused: request.guest };
  }),
  tool("resume_vm", "resume", "Lets a paused guest go on.", async (request, host) => {
    await resumeGuest(request, host);
    return { resumed: request.guest };
  }),
];

/** Cancelled is the waiting: the guest goes on, as with Ctrl-C. */
function startedBy(supervisor: Supervisor, { signal }: Host): Parameters<typeof startGuest>[1] {
  return { supervisor, ...(signal === undefined ? {} : { signal }) };
}

/** Of each output: an agent reads no megabytes. */
const kept = { headBytes: 32 << 10, tailBytes: 32 << 10 };

async function runCommand(request: RunCommandRequest, host: Host): Promise<unknown> {
  const prepared = await prepareCommand({ ...request, command: { ...request.command, input: "none" } }, host);
  try {
    const [stdout, stderr] = [capture(kept), capture(kept)];
    const result = await prepared.run({
      streams: { kind: "pipes", stdin: "none", stdout: stdout.stream, stderr: stderr.stream },
    });
    const { exitCode, sentence } = outcomeMeaning(result);
    const failure = await prepared.explain(result);
    return {
      kernel: prepared.kernel,
      outcome: result.outcome,
      exitCode,
      ...(sentence === null ? {} : { sentence }),
      stdout: outputText(stdout.output()),
      stderr: outputText(stderr.output()),
      ...(sentence === null ? {} : { consoleTail: result.consoleTail }),
      failure: failure === null ? null : failureData(failure, null),
    };
  } finally {
    prepared.close();
  }
}

async function lastOfConsole(request: LogsRequest, host: Host): Promise<unknown> {
  const said = capture({ headBytes: 0, tailBytes: kept.headBytes + kept.tailBytes });
  for await (const chunk of consoleLogOf({ ...request, follow: "no" }, host)) said.stream.write(chunk);
  return { console: outputText(said.output()) };
}

async function runMatrix(request: TestRequest, host: Host): Promise<unknown> {
  const result = await runTests(planTests(request, host), host, () => ({
    onEvent: () => {},
    onStart: () => () => {},
  }));
  return matrixReport(result);
}

/** A report that vm has written (`--report`, `vm test --json`). */
export function readReport(file: string, { cwd }: Pick<Host, "cwd">): unknown {
  const path = resolve(cwd, file);
  const value = parsed(readRegularText(path, { maxBytes: 16 << 20 }));
  if (typeof value === "object" && value !== null && "version" in value) return value;
  throw codedError("REPORT_INVALID", `${path} is no report of vm's`, {
    hint: "vm run --report FILE and vm test --report FILE write one.",
  });
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
