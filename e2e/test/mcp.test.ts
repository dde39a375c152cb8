import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import requestSchema from "@vm/operations/schema/request.json" with { type: "json" };
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { createVmHome, runProgram, type VmHome } from "../guest/vm-home.js";

let kernel: KernelFixture;
let home: VmHome;
let work: string;

beforeAll(async () => {
  kernel = await kernelFixture();
  home = createVmHome();
  work = realpathSync(mkdtempSync(join(tmpdir(), "vm-mcp-")));
  mkdirSync(join(work, "out"));
});

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
  home.remove();
});

interface Answer {
  readonly isError: boolean;
  readonly value: Record<string, unknown>;
}

interface Server {
  readonly client: Client;
  readonly call: (name: string, given?: Record<string, unknown>) => Promise<Answer>;
  /** Of a tool that returns a task: asked about until it has ended. */
  readonly finish: (name: string, given: Record<string, unknown>) => Promise<Record<string, unknown>>;
  readonly pid: () => number | null;
}

/** The official client, with our server behind it. */
async function connect(...words: readonly string[]): Promise<Server> {
  const [command, ...args] = home.vm("mcp", ...words);
  const transport = new StdioClientTransport({
    command,
    args,
    cwd: work,
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...home.env, VM_ACCEL: "tcg" },
  });
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  onTestFinished(() => client.close());
  const call: Server["call"] = async (name, given = {}) => {
    const result = await client.callTool({ name, arguments: given });
    const [content] = result.content;
    return {
      isError: result.isError === true,
      value: JSON.parse(content?.type === "text" ? content.text : "null"),
    };
  };
  const finish: Server["finish"] = async (name, given) => {
    const begun = await call(name, given);
    expect(begun).toMatchObject({ isError: false, value: { state: "running" } });
    for (;;) {
      const { value } = await call("task", { task: begun.value["task"], waitSeconds: 50 });
      if (value["state"] !== "running") return value;
    }
  };
  return { client, call, finish, pid: () => transport.pid };
}

/** The requests of all tools, by the page about them; empty where one has none. */
function documentedTools(): Map<string, string> {
  const page = readFileSync(new URL("../../docs/mcp.md", import.meta.url), "utf8");
  const rows = Array.from(page.matchAll(/^\| (`[^|]*) \| ([^|]*) \|/gm), ([, tools = "", requests = ""]) => {
    const names = Array.from(tools.matchAll(/`(\w+)/g), ([, name = ""]) => name);
    const operations = Array.from(requests.matchAll(/`([\w-]+)`/g), ([, name = ""]) => name);
    return names.map((name, index) => [name, operations[index] ?? ""] as const);
  });
  return new Map(rows.flat());
}

test("tools have the schemas of requests; what is wrong with one is told as everywhere", async () => {
  const { client, call } = await connect();
  const { tools } = await client.listTools();
  const documented = documentedTools();
  expect(tools.map(({ name }) => name).toSorted()).toEqual([...documented.keys()].toSorted());
  const schemas: Readonly<
    Record<string, { readonly properties: object; readonly required: readonly string[] }>
  > = requestSchema.$defs;
  for (const { name, inputSchema } of tools) {
    const operation = documented.get(name);
    if (operation === undefined || operation === "") continue;
    const { operation: _, ...properties } = Object(schemas[operation]?.properties);
    const required = schemas[operation]?.required.filter((each) => each !== "operation");
    expect([name, inputSchema]).toEqual([
      name,
      expect.objectContaining({ type: "object", properties, required, additionalProperties: false }),
    ]);
  }
  expect(await call("run_command", { kernel: { name: "x" }, comand: {} })).toMatchObject({
    isError: true,
    value: { code: "REQUEST_INVALID", hint: expect.stringContaining('"command"') },
  });
  expect(await call("describe_kernel", { kernel: "/nothing" })).toMatchObject({ isError: true });
  expect(await call("task", { task: "task-9" })).toMatchObject({ value: { code: "MCP_NO_SUCH_TASK" } });
  const { value } = await call("describe_kernel", { kernel: kernel.build });
  expect(value).toMatchObject({ release: kernel.release, arch: "x86_64" });
  expect(await call("list_vms")).toEqual({ isError: false, value: [] });
  expect(await call("check_config", { kernel: kernel.build })).toMatchObject({ isError: false });
});

test("a command in a real guest is a task, with its output and its status; one that is cancelled leaves no guest", async () => {
  const { call, finish, client, pid } = await connect();
  const { result } = await finish("run_command", {
    kernel: { name: kernel.build },
    command: { text: "uname -r; echo wrong >&2; exit 3" },
  });
  expect(result).toMatchObject({
    stdout: `${kernel.release}\n`,
    stderr: "wrong\n",
    exitCode: 3,
    outcome: { kind: "exited", status: 3 },
  });
  const begun = await call("run_command", {
    kernel: { name: kernel.build },
    command: { text: "sleep 1000" },
  });
  const { task } = begun.value;
  const server = String(pid());
  const guests = async (): Promise<string> =>
    (await runProgram(["pgrep", "-P", server, "-f", "qemu-system"], {})).stdout;
  while ((await guests()) === "") {
    const { value } = await call("task", { task, waitSeconds: 0.2 });
    expect(value["state"]).toBe("running");
  }
  expect((await call("cancel_task", { task })).value).toMatchObject({ state: "cancelled" });
  expect(await guests()).toBe("");
  await client.close();
});

test("the script of a dry run is the server itself; a directory that is not there is refused", async () => {
  const { status, stdout } = await home.run("mcp", "--allow-write", work, "-n");
  expect(status).toBe(0);
  expect(stdout.replaceAll(/ \\\n +/g, " ")).toContain(`vm.cjs mcp --allow-write ${work}\n`);
  expect(await home.run("mcp", "--allow-write", join(work, "nothing"))).toMatchObject({
    status: 2,
    stdout: "",
  });
});

test("what writes to the host is refused, and allowed where the person says so", async () => {
  const { call } = await connect();
  const command = { text: "true" };
  const name = kernel.build;
  const embedded = (more: Record<string, unknown>): Record<string, unknown> => ({
    kernel: { name },
    command,
    guest: { kind: "embedded", ...more },
  });
  for (const [tool, given] of [
    ["run_command", embedded({ shares: [{ path: join(work, "out"), access: "read-write" }] })],
    ["run_command", embedded({ expose: ["/"] })],
    ["run_command", embedded({ network: "user" })],
    ["run_command", { ...embedded({}), qemuOptions: ["-drive", "file=/etc/passwd"] }],
    ["run_command", { ...embedded({}), qemu: "/bin/sh" }],
    ["run_command", { ...embedded({}), debug: { dump: join(work, "core") } }],
    ["run_command", { kernel: { name }, command, guest: { kind: "vm", name: "X" } }],
    ["run_command", { kernel: { name: "git:HEAD" }, command }],
    ["run_command", { kernel: { name } }],
    ["run_command", { kernel: { name }, command: { ...command, input: "pipe" } }],
    ["run_tests", { kernels: [name], guest: { kind: "embedded", expose: ["/"] } }],
    ["build_revision", { kernel: "git:HEAD" }],
    ["merge_config", { fragments: ["qemu"], tree: work }],
    ["stop_vms", { guests: "all" }],
    ["start_vm", { run: { operation: "run-vm", vm: "X" } }],
    ["start_vm", { run: { operation: "run-command", kernel: { name } }, name: "x" }],
    ["restart_vm", { guest: "x" }],
  ] as const) {
    expect([tool, given, await call(tool, given)]).toMatchObject([
      tool,
      given,
      { isError: true, value: { code: "MCP_NOT_ALLOWED" } },
    ]);
  }
  // What a Makefile does, in a tree that an agent was led to.
  const tree = join(work, "led to");
  mkdirSync(join(tree, "include/config"), { recursive: true });
  writeFileSync(join(tree, ".config"), "CONFIG_64BIT=y\nCONFIG_X86_64=y\n");
  writeFileSync(join(tree, "include/config/kernel.release"), "6.1.0\n");
  writeFileSync(join(tree, "include/config/auto.conf"), "");
  writeFileSync(join(tree, "Makefile"), "image_name:\n\t@: >ran; echo none\n");
  expect(await call("describe_kernel", { kernel: tree })).toMatchObject({
    isError: true,
    value: { code: "KERNEL_NOT_BUILT" },
  });
  expect(existsSync(join(tree, "ran"))).toBe(false);
  const trusted = await connect("--allow-write", tree);
  await trusted.call("describe_kernel", { kernel: tree });
  expect(existsSync(join(tree, "ran"))).toBe(true);
  const allowed = await connect("--allow-write", "out");
  const share = (path: string): Record<string, unknown> => ({
    ...embedded({ shares: [{ path, access: "read-write" }] }),
    command: { text: `echo by the guest >${join(work, "out/answer")}` },
  });
  expect(await allowed.call("run_command", share(work))).toMatchObject({
    value: { code: "MCP_NOT_ALLOWED" },
  });
  const { result } = await allowed.finish("run_command", share(join(work, "out")));
  expect(result).toMatchObject({ exitCode: 0 });
  expect(existsSync(join(work, "out/answer"))).toBe(true);
});

test("a guest is started, and runs on when the server has ended; another one reads its console and ends it", async () => {
  const { call, finish, client } = await connect("--allow-write", home.env["VM_HOME"] ?? "");
  const run = { operation: "run-command", kernel: { name: kernel.build } };
  for (const more of [{ qemuOptions: ["-s"] }, { guest: { kind: "embedded", expose: ["/"] } }])
    expect(await call("start_vm", { run: { ...run, ...more }, name: "agents" })).toMatchObject({
      value: { code: "MCP_NOT_ALLOWED" },
    });
  const started = await finish("start_vm", { run, name: "agents" });
  expect(started).toMatchObject({ state: "done", result: { name: "agents", up: "shell" } });
  await client.close();

  const later = await connect("--allow-write", home.env["VM_HOME"] ?? "");
  expect(await later.call("vm_info", { vm: "agents" })).toMatchObject({
    value: { state: "running", kernel: kernel.release },
  });
  const { value } = await later.call("console_log", { guest: "agents" });
  expect(value["console"]).toContain(`Linux version ${kernel.release}`);
  const stopped = await later.finish("stop_vms", { guests: ["agents"], timeoutMs: 240_000 });
  expect(stopped).toMatchObject({ result: [{ name: "agents", how: "powered-off" }] });
  expect((await later.call("list_vms")).value).toEqual([]);
});

test("tests are a task with the report of vm test; a written report and a log are read", async () => {
  const { call, finish } = await connect();
  const { result } = await finish("run_tests", { kernels: [kernel.build], tests: [{ command: "exit 1" }] });
  writeFileSync(join(work, "report.json"), JSON.stringify(result));
  expect(await call("read_report", { file: "report.json" })).toMatchObject({
    isError: false,
    value: { version: 1 },
  });
  expect(await call("read_report", { file: "/etc/passwd" })).toMatchObject({ isError: true });
  writeFileSync(
    join(work, "log"),
    "Oops: 0000 [#1] SMP\nRIP: 0010:schedule+0x1/0x2\nRAX: 0000000000000000\nCall Trace:\n schedule+0x1/0x2\n",
  );
  expect(await call("decode_trace", { kernel: kernel.build, log: "log" })).toMatchObject({
    isError: false,
    value: { reports: [expect.anything()] },
  });
});
