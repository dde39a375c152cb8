import { once } from "node:events";
import { McpServer, type CallToolResult, type StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { codedError } from "@vm/command-plan";
import { readRequest, renderJson, type Host } from "@vm/operations";
import requestSchema from "@vm/operations/schema/request.json" with { type: "json" };
import { checkPermission, mayWrite, type Permission } from "./permission.js";
import { errorData, openTasks, type Tasks } from "./tasks.js";
import { operationTools, readReport, type OperationTool, type Supervisor } from "./tools.js";

/** The longest that `task` waits, in seconds: clients give up after a minute. */
const mostWaitSeconds = 50;

/** What a server offers. */
export interface ServerSettings {
  /** Of the program, which the client is told. */
  readonly version: string;
  readonly permission: Permission;
  /** The program that watches over a guest that runs on; behind its words comes the path of a socket. */
  readonly supervisor: Supervisor;
}

/** Serves the Model Context Protocol on standard input and output, until the client closes them. Then no task is left. */
export async function serve(settings: ServerSettings, its: Host): Promise<void> {
  const { version, permission } = settings;
  const host = { ...its, mayMake: (directory: string): boolean => mayWrite(directory, permission) };
  const server = new McpServer({ name: "vm", version });
  const tasks = openTasks(host);
  for (const tool of operationTools) addOperation(server, tool, { ...settings, tasks, host });
  addOwnTools(server, tasks, host);
  const transport = new StdioServerTransport();
  await server.connect(transport);
  // Its end is the client's; ours is when all that was begun for it has ended.
  // (A file on standard input ends, and is never closed; a connection that breaks is closed without an end.)
  await Promise.race([once(process.stdin, "end"), once(process.stdin, "close")]);
  await tasks.close();
  await server.close();
}

function addOperation(
  server: McpServer,
  tool: OperationTool,
  { permission, supervisor, tasks, host }: Omit<ServerSettings, "version"> & { tasks: Tasks; host: Host },
): void {
  const { name, operation, description, kind, complete, run } = tool;
  server.registerTool(name, { description, inputSchema: checkedByUs(schemaOf(operation)) }, (given) =>
    answer(async () => {
      const request = complete(readRequest({ ...asObject(given), operation }, { source: name }), host);
      checkPermission(request, permission, host);
      return kind === "answer"
        ? run(request, host, supervisor)
        : tasks.start((its) => run(request, its, supervisor));
    }),
  );
}

function addOwnTools(server: McpServer, tasks: Tasks, host: Host): void {
  const task = { type: "string", description: "Its name: task-1." };
  server.registerTool(
    "task",
    {
      description: "What has become of a task, and its result once it is done.",
      inputSchema: checkedByUs({
        type: "object",
        properties: {
          task,
          waitSeconds: {
            type: "number",
            minimum: 0,
            maximum: mostWaitSeconds,
            description: "How long to wait for its end; default: not at all.",
          },
        },
        required: ["task"],
        additionalProperties: false,
      }),
    },
    (given) =>
      answer(() => {
        const { task: name, waitSeconds = 0 } = asObject(given);
        if (typeof waitSeconds !== "number" || !(waitSeconds >= 0 && waitSeconds <= mostWaitSeconds))
          throw invalid(`waitSeconds: expected a number from 0 to ${mostWaitSeconds}`);
        return tasks.wait(textOf(name, "task"), waitSeconds * 1000);
      }),
  );
  server.registerTool(
    "cancel_task",
    {
      description: "Ends a task, with its guest or its compiler; answers when nothing of it is left.",
      inputSchema: checkedByUs({
        type: "object",
        properties: { task },
        required: ["task"],
        additionalProperties: false,
      }),
    },
    (given) => answer(() => tasks.cancel(textOf(asObject(given)["task"], "task"))),
  );
  server.registerTool(
    "read_report",
    {
      description: "Reads a report that vm run --report or vm test --report has written.",
      inputSchema: checkedByUs({
        type: "object",
        properties: { file: { type: "string", description: "Its path." } },
        required: ["file"],
        additionalProperties: false,
      }),
    },
    (given) => answer(() => readReport(textOf(asObject(given)["file"], "file"), host)),
  );
}

/** The published schema of an operation's request, without its name. */
function schemaOf(operation: string): Record<string, unknown> {
  const schema: Record<string, unknown> = { ...asObject(asObject(requestSchema.$defs)[operation]) };
  const { operation: _, ...properties } = asObject(schema["properties"]);
  const { required } = schema;
  return {
    ...schema,
    properties,
    required: Array.isArray(required) ? required.filter((name) => name !== "operation") : [],
  };
}

/** `readRequest` says better what is wrong than a schema's reader does; a wrong call is the tool's answer, which an agent reads. */
function checkedByUs(schema: Record<string, unknown>): StandardSchemaWithJSON {
  const input = (): Record<string, unknown> => schema;
  return {
    "~standard": {
      version: 1,
      vendor: "vm",
      validate: (value) => ({ value }),
      jsonSchema: { input, output: input },
    },
  };
}

async function answer(work: () => unknown): Promise<CallToolResult> {
  try {
    return { content: [{ type: "text", text: renderJson(await work()) }] };
  } catch (error) {
    return { isError: true, content: [{ type: "text", text: renderJson(errorData(error)) }] };
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function textOf(value: unknown, field: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw invalid(`${field}: expected a text`);
}

function invalid(message: string): Error {
  return codedError("REQUEST_INVALID", message);
}
