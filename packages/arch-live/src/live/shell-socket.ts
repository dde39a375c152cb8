import { closeSync, constants, openSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { SHELL_SOCKET } from "./machine.js";

/**
 * The shell that the live system offers. By way of the directory's descriptor: a socket's path holds 107 bytes only (unix(7)).
 *
 * @param directory QEMU's
 */
export function connectShell(directory: string): Promise<Duplex> {
  const fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  return new Promise<Duplex>((resolve, reject) => {
    const socket = connect(join(`/proc/self/fd/${fd}`, SHELL_SOCKET));
    socket.once("connect", () => resolve(socket));
    socket.once("error", reject);
  }).finally(() => closeSync(fd));
}
