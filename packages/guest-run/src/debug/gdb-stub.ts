import { chardev, switchOption, type QemuOption } from "@vm/qemu-argv";

/** Where QEMU's gdb stub listens: a Unix socket, or a TCP port of 127.0.0.1. */
export type GdbEndpoint =
  | { readonly kind: "socket"; readonly path: string }
  | { readonly kind: "port"; readonly port: number };

/** A gdb stub for a guest. `when-told`: the guest stands still until gdb lets it go on. */
export interface GdbStub {
  readonly endpoint: GdbEndpoint;
  readonly start: "at-once" | "when-told";
}

/** QEMU's options for the stub. Source: the QEMU manual, "GDB usage". @throws `QEMU_VALUE_INVALID` for a path that is too long */
export function gdbStubOptions({ endpoint, start }: GdbStub): QemuOption[] {
  const id = "vm-gdb";
  return [
    ...(endpoint.kind === "port"
      ? [{ flag: "gdb", value: `tcp:127.0.0.1:${endpoint.port}` }]
      : [
          chardev({ backend: "socket", id, path: endpoint.path, role: "server", wait: "off" }),
          { flag: "gdb", value: `chardev:${id}` },
        ]),
    ...(start === "when-told" ? [switchOption("S")] : []),
  ];
}
