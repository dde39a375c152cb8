import { codedError, toScript } from "@vm/command-plan";
import { dumpMemory } from "@vm/guest-run";
import { resolve } from "node:path";
import { findRunningGuest } from "@vm/vm-store";
import { vmHome } from "../guest/vm-config.js";
import type { Host } from "../host.js";
import { tellIfLong } from "../long-step.js";
import type { DumpRequest } from "../request/request.js";
import { withQmp } from "./guest-qmp.js";
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
  const socket = debug.qmp ?? findRunningGuest({ home: vmHome(host), name }, host.env)?.sockets.qmp;
  if (socket === undefined) {
    throw codedError("QMP_UNREACHABLE", `${name} runs without --dump (${command.join(" ")})`, {
      hint: `In its terminal QEMU's monitor can do it: Ctrl-A C, then dump-guest-memory ${file}`,
    });
  }
  await tellIfLong(
    `the memory of ${name} is being written`,
    () => withQmp(socket, name, (qmp) => dumpMemory(qmp, file)),
    host,
  );
  return { file };
}

/** The script of it: the command itself, from wherever it is run. */
export function dumpScript({ vm, file }: DumpRequest, { cwd, program }: Host): string {
  return toScript([{ kind: "exec", argv: [...program, "dump", vm, resolve(cwd, file)] }]);
}
