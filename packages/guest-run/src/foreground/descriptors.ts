import { isatty } from "node:tty";
import { closeSync, constants, fstatSync, openSync } from "node:fs";

/** What becomes a child's descriptors 0, 1 and 2, and how to let go of what was opened for it. */
export interface ChildDescriptors {
  readonly stdio: readonly [number, number, number];
  close(): void;
}

/**
 * Descriptors for QEMU's standard streams. QEMU makes its input and output non-blocking, which changes the open file
 * description, and with it every process that shares it (the shell, a pipeline's other commands). So terminals and
 * pipes are opened anew for QEMU. Files keep their description, because a new one would lose the position;
 * sockets cannot be opened by path. `stderr` is shared: QEMU leaves it blocking.
 *
 * @param output what QEMU writes to in the place of our standard output
 */
export function openChildDescriptors(output?: number): ChildDescriptors {
  const opened: number[] = [];
  const anew = (descriptor: 0 | 1): number => {
    const fresh = reopen(descriptor);
    if (fresh === undefined) return descriptor;
    opened.push(fresh);
    return fresh;
  };
  return {
    stdio: [anew(0), output ?? anew(1), 2],
    close: () => opened.forEach((descriptor) => closeSync(descriptor)),
  };
}

/** Our standard output for us to write to: where it can be opened anew a write never waits, and fails with EAGAIN. */
export function openOwnOutput(): { readonly fd: number; close(): void } {
  const fresh = reopen(1);
  let isOpen = fresh !== undefined;
  return {
    fd: fresh ?? 1,
    close() {
      if (isOpen && fresh !== undefined) closeSync(fresh);
      isOpen = false;
    },
  };
}

/** The same terminal or pipe with a description of its own, non-blocking; undefined where that cannot be had. */
function reopen(descriptor: 0 | 1): number | undefined {
  const { O_NOCTTY, O_NONBLOCK, O_RDONLY, O_RDWR, O_WRONLY } = constants;
  const path = `/proc/self/fd/${descriptor}`;
  try {
    // The flag is cleared when QEMU is spawned with it.
    if (isatty(descriptor)) return openSync(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (!fstatSync(descriptor).isFIFO()) return undefined;
    // So that opening a FIFO never waits for its other end.
    return openSync(path, (descriptor === 0 ? O_RDONLY : O_WRONLY) | O_NONBLOCK);
  } catch {
    return undefined; // No /proc, or a terminal that belongs to another user (su): share it.
  }
}
