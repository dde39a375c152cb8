import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { renderArgv } from "../src/render-argv.js";
import type { QemuOption } from "../src/option.js";

/** Asks a running QEMU one thing over QMP and gives back what it returned. */
export type Ask = (execute: string, argument?: Record<string, unknown>) => Promise<unknown>;

/** The QEMU that is asked; the README says how to ask another. */
export const qemuProgram: string = process.env["VM_TEST_QEMU"] ?? "qemu-system-x86_64";

/** Starts QEMU with the options, its guest stopped, asks, and ends it. `directory` is its working directory. */
export async function withQemu(
  options: readonly QemuOption[],
  directory: string,
  ask: (ask: Ask, pid: number) => Promise<void>,
): Promise<void> {
  const fixed = ["-S", "-display", "none", "-nodefaults", "-no-user-config", "-qmp", "stdio"];
  const qemu = spawn(qemuProgram, [...fixed, ...renderArgv(options)], { cwd: directory });
  let complaint = "";
  qemu.stderr.on("data", (data: Buffer) => (complaint += data.toString()));
  const exited = once(qemu, "exit");
  const lines = createInterface({ input: qemu.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    for (;;) {
      const line = await lines.next();
      if (line.done === true) throw new Error(`QEMU ended: ${complaint}`);
      // Integers that JavaScript would round come as text.
      const exact = line.value.replaceAll(/(?<=[:[,] ?)-?\d{16,}(?=[,}\]])/g, '"$&"');
      const message: Record<string, unknown> = JSON.parse(exact);
      if ("error" in message) throw new Error(JSON.stringify(message.error));
      if ("return" in message) return message.return;
      if ("QMP" in message) return message.QMP;
    }
  };
  try {
    await answer();
    const send: Ask = (execute, argument) => {
      qemu.stdin.write(`${JSON.stringify({ execute, arguments: argument })}\n`);
      return answer();
    };
    await send("qmp_capabilities");
    await ask(send, qemu.pid ?? 0);
  } finally {
    qemu.kill("SIGKILL");
    await exited;
  }
}
