import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { Writable } from "node:stream";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { watchPanic, type DumpOutcome } from "../../src/index.js";

interface Fake {
  readonly commands: string[];
  readonly outcome: DumpOutcome | null;
}

/** Lets the watcher meet a stand-in for QEMU, which says `event` once it is watched. `mark`: the word that a warm reboot leaves. */
async function watch(
  event: object,
  { mark = "0x0000", ...more }: { mark?: string; reboot?: "quit"; afterDump?: "stay" } = {},
): Promise<Fake> {
  const directory = mkdtempSync(join(tmpdir(), "vm-watch-"));
  const ended = new AbortController();
  const commands: string[] = [];
  let hangUp: (() => void) | undefined;
  const end = (): void => {
    ended.abort();
    hangUp?.();
  };
  const server = createServer((socket) => {
    hangUp = () => void socket.destroy();
    socket.write('{"QMP": {"version": {}}}\n');
    socket.on("data", (chunk) => {
      for (const line of chunk.toString().trim().split("\n")) answer(socket, JSON.parse(line));
    });
  });
  function answer(
    socket: Writable,
    { execute, arguments: args = {} }: { execute: string; arguments?: Record<string, unknown> },
  ): void {
    const isFirst = commands.length === 1;
    commands.push(`${execute} ${JSON.stringify(args)}`);
    if (execute === "dump-guest-memory") {
      writeFileSync(String(args["protocol"]).slice("file:".length), "memory");
    }
    const words = execute === "human-monitor-command" ? `0000000000000472: ${mark}\r\n` : {};
    socket.write(`${JSON.stringify({ return: words })}\n`);
    if (isFirst) socket.write(`${JSON.stringify(event)}\n`);
    if (execute === "quit" || commands.at(-1) === 'set-action {"reboot":"shutdown"}') setImmediate(end);
  }
  const qmp = join(directory, "qmp");
  await new Promise<void>((resolve) => server.listen(qmp, resolve));
  onTestFinished(() => {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const file = join(directory, "core");
  const outcome = await watchPanic({
    qmp,
    file,
    afterDump: "quit",
    afterFailure: "quit",
    reboot: "reboot",
    shutdown: "quit",
    signal: ended.signal,
    onPanic: () => commands.push("told"),
    onDump: () => {
      commands.push(`dumped ${readFileSync(file, "utf8")}`);
      // Time for a command that should not come.
      if (more.afterDump === "stay") setTimeout(end, 200);
    },
    ...more,
  });
  expect(commands.slice(0, 2)).toEqual([
    "qmp_capabilities {}",
    'set-action {"reboot":"shutdown","shutdown":"pause","panic":"pause"}',
  ]);
  return { commands: commands.slice(2).map((command) => command.split(" ")[0] ?? ""), outcome };
}

const reset = { event: "SHUTDOWN", data: { guest: true, reason: "guest-reset" } };
const look = "human-monitor-command";
const dumped = { file: expect.stringMatching(/core$/) };

test("a panic that the guest reports is dumped, and QEMU ends", async () => {
  const panicked = { event: "GUEST_PANICKED", data: { action: "pause" } };
  expect(await watch(panicked)).toEqual({
    commands: ["told", "dump-guest-memory", "dumped", "quit"],
    outcome: dumped,
  });
  expect(await watch(panicked, { afterDump: "stay" })).toEqual({
    commands: ["told", "dump-guest-memory", "dumped"],
    outcome: dumped,
  });
});

test("a reset with the mark of a panic is dumped; one without it is a reboot, and goes on", async () => {
  expect(await watch(reset, { mark: "0x1234" })).toEqual({
    commands: [look, "told", "dump-guest-memory", "dumped", "quit"],
    outcome: dumped,
  });
  expect(await watch(reset)).toEqual({
    commands: [look, "set-action", "system_reset", "cont", "set-action"],
    outcome: null,
  });
  expect(await watch(reset, { reboot: "quit" })).toEqual({ commands: [look, "quit"], outcome: null });
});

test("a guest that powers off ends QEMU, as it would have", async () => {
  const off = { event: "SHUTDOWN", data: { guest: true, reason: "guest-shutdown" } };
  expect(await watch(off)).toEqual({ commands: ["quit"], outcome: null });
});
