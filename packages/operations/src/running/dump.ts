import { codedError, toScript } from "@vm/command-plan";
import { dumpMemory, openSocket, qmpSession, type Qmp } from "@vm/guest-run";
import { resolve } from "node:path";
import type { Host } from "../host.js";
import type { DumpRequest } from "../request/request.js";
import { findRunningVm } from "./running-vm.js";

/**
 * Writes the memory of a VM that runs to a file, whose absolute path comes back.
 * @throws `VM_NOT_RUNNING`, `QMP_UNREACHABLE`, `DUMP_FAILED`
 */
export async function dumpRunning(
  { vm: name, file: given }: DumpRequest,
  host: Host,
): Promise<{ readonly file: string }> {
  const file = resolve(host.cwd, given);
  const { debug, command } = await findRunningVm(name, host);
  if (debug.qmp === undefined) {
    throw codedError("QMP_UNREACHABLE", `${name} runs without --dump (${command.join(" ")})`, {
      hint: `In its terminal QEMU's monitor can do it: Ctrl-A C, then dump-guest-memory ${file}`,
    });
  }
  const socket = await openSocket(debug.qmp);
  try {
    const qmp = qmpSession(socket);
    await answer(qmp, name);
    await dumpMemory(qmp, file);
  } finally {
    socket.destroy();
  }
  return { file };
}

/** QEMU speaks with one at a time, and lets the others wait for ever. */
const answerMs = 10_000;

async function answer(qmp: Qmp, name: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        codedError("QMP_UNREACHABLE", `the QEMU of ${name} does not answer`, {
          hint: "It speaks with one program at a time: is another `vm dump` at work?",
        }),
      );
    }, answerMs);
  });
  try {
    await Promise.race([qmp.execute("query-status"), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The script of it: the command itself, from wherever it is run. */
export function dumpScript({ vm, file }: DumpRequest, { cwd, program }: Host): string {
  return toScript([{ kind: "exec", argv: [...program, "dump", vm, resolve(cwd, file)] }]);
}
