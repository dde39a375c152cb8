import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openExecPort } from "../../src/exec/open-exec-port.js";

const keys = { host: "PRIVATE\nKEY\n", authorized: "ssh-ed25519 AAAA it's\n" };

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "vm-port-"));
  path = join(directory, "exec");
});

afterEach(() => rmSync(directory, { recursive: true }));

/** A guest's side of the port, on a real socket. */
async function serve(guest: (socket: Socket) => void): Promise<() => void> {
  const server = createServer(guest);
  server.listen(path);
  await once(server, "listening");
  return () => void server.close();
}

test("not a byte behind the guest's last line is taken, and what stood there before is passed over", async () => {
  const close = await serve((socket) => {
    socket.write("rest of\nan earlier session\nvm1 exec\n");
    let line = "";
    socket.on("data", (chunk: Buffer) => {
      line += chunk.toString();
      if (line.endsWith("\n")) socket.write("vm1 ready\nSSH-2.0-guest\r\n\u0000\u0001rest");
    });
  });
  const socket = await openExecPort(path, keys, { timeoutMs: 10_000 });
  try {
    // A child has the socket for its input: it reads what we have not.
    const { spawn } = await import("node:child_process");
    const child = spawn("head", ["-c", "21"], { stdio: [socket, "pipe", "inherit"] });
    const [read] = await once(child.stdout, "data");
    expect(String(read)).toBe("SSH-2.0-guest\r\n\u0000\u0001rest");
  } finally {
    socket.destroy();
    close();
  }
});

test("the guest's reason is the error's", async () => {
  const close = await serve((socket) => {
    socket.write("vm1 exec\n");
    socket.once("data", () => socket.write("vm1 failed there is no sshd in it\n"));
  });
  await expect(openExecPort(path, keys, { timeoutMs: 10_000 })).rejects.toMatchObject({
    code: "EXEC_REFUSED",
    message: "the guest cannot run commands: there is no sshd in it",
  });
  close();
});

test("a guest that says nothing, that ends, or that is not there is an error", async () => {
  await expect(openExecPort(path, keys, { timeoutMs: 10_000 })).rejects.toMatchObject({
    code: "EXEC_PORT_CLOSED",
  });
  const closeSilent = await serve(() => {});
  await expect(openExecPort(path, keys, { timeoutMs: 50 })).rejects.toMatchObject({ code: "EXEC_NO_ANSWER" });
  closeSilent();
  rmSync(path, { force: true });
  const closeEnding = await serve((socket) => socket.end("vm1 exec\n"));
  await expect(openExecPort(path, keys, { timeoutMs: 10_000 })).rejects.toMatchObject({
    code: "EXEC_PORT_CLOSED",
  });
  closeEnding();
});
