import type { GdbEndpoint } from "./gdb-stub.js";

/** What gdb is started with, to look at the kernel of a guest. All paths are absolute. */
export interface GdbSession {
  readonly endpoint: GdbEndpoint;
  /** The kernel with its symbols; without it gdb knows addresses only. */
  readonly vmlinux?: string;
  /** The `vmlinux-gdb.py` beside it (CONFIG_GDB_SCRIPTS): commands such as lx-dmesg. */
  readonly scripts?: string;
  /** `gdb`, or the one for another machine's code. */
  readonly program: string;
}

/** gdb and its arguments. Source: the kernel's Documentation/dev-tools/gdb-kernel-debugging.rst. */
export function gdbArgv({ endpoint, vmlinux, scripts, program }: GdbSession): [string, ...string[]] {
  // gdb takes the rest of the line for the name: nothing is quoted in it.
  const target = endpoint.kind === "socket" ? endpoint.path : `127.0.0.1:${endpoint.port}`;
  const own = vmlinux !== undefined && scripts !== undefined ? scriptOptions(vmlinux, scripts) : [];
  return [
    program,
    "-q",
    ...own.flatMap(({ flag, command }) => (flag === "-iex" ? [flag, command] : [])),
    ...(vmlinux === undefined ? [] : [vmlinux]),
    ...own.flatMap(({ flag, command }) => (flag === "-ex" ? [flag, command] : [])),
    "-ex",
    `target remote ${target}`,
  ];
}

/** gdb loads the scripts beside vmlinux by itself where it may; a path that the list of safe paths cannot hold is read outright. */
function scriptOptions(vmlinux: string, scripts: string): { flag: "-iex" | "-ex"; command: string }[] {
  const directory = vmlinux.slice(0, vmlinux.lastIndexOf("/")) || "/";
  if (!/[:*?[\]\\$]/.test(directory)) {
    return [{ flag: "-iex", command: `add-auto-load-safe-path ${directory}` }];
  }
  return [
    { flag: "-iex", command: "set auto-load python-scripts off" },
    { flag: "-ex", command: `source ${scripts}` },
  ];
}
