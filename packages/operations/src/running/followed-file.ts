import { closeSync, fstatSync, openSync, readSync, statSync, watch, type FSWatcher } from "node:fs";

/** How often is looked whether something was written, where nobody tells. */
const LOOK_MS = 250;
/** Asking whether the guest lives costs a program start. */
const ALIVE_MS = 1000;
const CHUNK_BYTES = 64 * 1024;

/**
 * What is in a file, and what is added to it until the guest has ended. Where another file takes its place, goes on with that one.
 * @param isAlive whether the guest lives @param follow `no`: what is in it now
 */
export async function* readGrowing(
  file: string,
  {
    isAlive,
    follow,
    signal,
  }: { readonly isAlive: () => boolean; readonly follow: "no" | "yes"; readonly signal?: AbortSignal },
): AsyncGenerator<Buffer, void> {
  let fd = openSync(file, "r");
  let asked = performance.now();
  let isOver = follow === "no";
  try {
    for (;;) {
      yield* rest(fd);
      if (isReplaced(fd, file)) {
        const next = openSync(file, "r");
        yield* rest(fd);
        closeSync(fd);
        fd = next;
        continue;
      }
      if (isOver || signal?.aborted === true) return;
      // What was written before its end is read once more.
      if (!isThere(file)) isOver = true;
      else if (performance.now() - asked > ALIVE_MS) {
        isOver = !isAlive();
        asked = performance.now();
      }
      if (!isOver) await change(file, signal);
    }
  } finally {
    closeSync(fd);
  }
}

function* rest(fd: number): Generator<Buffer, void> {
  for (;;) {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    const length = readSync(fd, chunk);
    if (length === 0) return;
    yield chunk.subarray(0, length);
  }
}

function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

function isReplaced(fd: number, file: string): boolean {
  const there = statSync(file, { throwIfNoEntry: false });
  return there !== undefined && there.ino !== fstatSync(fd).ino;
}

/** Settles when something may have been written. */
function change(file: string, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    let watcher: FSWatcher | undefined;
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      watcher?.close();
      resolve();
    };
    const timer = setTimeout(end, LOOK_MS);
    signal?.addEventListener("abort", end, { once: true });
    try {
      watcher = watch(file, end);
      watcher.on("error", end);
    } catch {
      // No watches left, or the file is gone: the timer looks.
    }
  });
}
