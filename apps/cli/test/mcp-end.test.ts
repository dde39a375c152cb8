import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bin, sandbox } from "./vm.js";

const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "by hand", version: "1" },
  },
};
const ping = { jsonrpc: "2.0", id: 2, method: "ping" };

test("vm mcp ends well with its input: nothing, a file, a pipe", async () => {
  const { vm, sh, cwd } = sandbox();
  expect(await vm("mcp")).toEqual({ code: 0, stdout: "", stderr: "" });
  writeFileSync(join(cwd, "said"), `${JSON.stringify(initialize)}\n${JSON.stringify(ping)}\n`);
  const server = `'${process.execPath}' '${bin}' mcp`;
  for (const script of [`${server} < said`, `cat said | ${server}`]) {
    const { code, stdout, stderr } = await sh(script);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain('{"result":{},"jsonrpc":"2.0","id":2}');
  }
});
