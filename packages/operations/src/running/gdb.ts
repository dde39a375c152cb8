import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { codedError, findProgram, quoteShell } from "@vm/command-plan";
import { gdbArgv } from "@vm/guest-run";
import { gdbProgram } from "../debug/gdb-program.js";
import type { Host } from "../host.js";
import type { GdbRequest } from "../request/request.js";
import { findRunningVm } from "./running-vm.js";

/**
 * gdb's command for the guest of a VM that runs: it is for a terminal, on which the front end starts it.
 * @throws `VM_NOT_RUNNING`, `GDB_STUB_MISSING`, `VMLINUX_NOT_FOUND`, `GDB_NOT_FOUND`
 */
export async function gdbCommand(
  { vm: name, vmlinux: wanted, arguments: more = [] }: GdbRequest,
  host: Host,
): Promise<[string, ...string[]]> {
  const { debug, command } = await findRunningVm(name, host);
  const given = wanted === undefined ? undefined : resolve(host.cwd, wanted);
  const { gdb: endpoint, arch = "x86_64" } = debug;
  if (endpoint === undefined) {
    throw codedError("GDB_STUB_MISSING", `${name} runs without a stub for gdb (${command.join(" ")})`, {
      hint: `Start it with --gdb; or open one from its monitor, Ctrl-A C: gdbserver tcp:127.0.0.1:1234`,
    });
  }
  const vmlinux = given ?? debug.vmlinux;
  if (vmlinux === undefined || !existsSync(vmlinux)) {
    throw codedError(
      "VMLINUX_NOT_FOUND",
      vmlinux === undefined
        ? `the symbols of the kernel of ${name} were not found`
        : `there is no ${vmlinux}`,
      { hint: `Name the kernel's vmlinux: vm gdb ${quoteShell(name)} --vmlinux FILE` },
    );
  }
  const program = gdbProgram(arch, host.arch);
  const path = findProgram(program, host.env);
  if (path === undefined) {
    throw codedError("GDB_NOT_FOUND", `${program} was not found in PATH.`, {
      hint: `Install it: apt install ${program} (Debian, Ubuntu), pacman -S gdb (Arch Linux).`,
    });
  }
  const scripts = given === undefined ? debug.scripts : beside(given);
  return [
    ...gdbArgv({ endpoint, vmlinux, program: path, ...(scripts === undefined ? {} : { scripts }) }),
    ...more,
  ];
}

function beside(vmlinux: string): string | undefined {
  const scripts = `${vmlinux}-gdb.py`;
  return existsSync(scripts) ? scripts : undefined;
}
