import { isatty } from "node:tty";
import {
  foregroundStatus,
  guestExitCodes,
  runForeground,
  watchPanic,
  type DumpOutcome,
  type ForegroundRun,
} from "@vm/guest-run";
import { hasOption, type QemuOption } from "@vm/qemu-argv";
import { prepareDebug, type DebugGuest } from "../debug/debug-guest.js";
import { writeNotice } from "../output.js";

export { prepareDebug };

/**
 * Runs QEMU in the foreground, and writes the memory of a guest that panics where `--dump` says. `theirs`: the person's
 * own options, which say what becomes of a guest that reboots.
 */
export async function runWatched(
  run: ForegroundRun,
  guest: DebugGuest,
  theirs: readonly QemuOption[],
): Promise<number> {
  const { watchSocket, dumpFile } = guest;
  try {
    if (watchSocket === undefined || dumpFile === undefined)
      return foregroundStatus(await runForeground(run));
    const ended = new AbortController();
    let told = false;
    const afterDump = guest.gdb === "stub" ? "stay" : "quit";
    // Where nobody sits, nobody would end it.
    const afterFailure = guest.gdb === "stub" || isatty(0) ? "stay" : "quit";
    const watch = watchPanic({
      qmp: watchSocket,
      file: dumpFile,
      afterDump,
      afterFailure,
      reboot: hasOption(theirs, { flag: "no-reboot" }) ? "quit" : "reboot",
      shutdown: hasOption(theirs, { flag: "no-shutdown" }) ? "stay" : "quit",
      signal: ended.signal,
      onPanic: () => writeNotice(`the kernel panicked: its memory is being written to ${dumpFile}`),
      onDump: (outcome) => {
        told = true;
        tellDump(outcome);
        if (("file" in outcome ? afterDump : afterFailure) === "stay") {
          writeNotice("the guest stands still, for gdb and vm dump; Ctrl-A X ends it");
        }
      },
    });
    const end = await runForeground(run).finally(() => ended.abort());
    const outcome = await watch;
    // Told already, unless QEMU could not even be asked to watch.
    if (!told) tellDump(outcome);
    const status = foregroundStatus(end);
    return told && status === 0 ? guestExitCodes.panicked : status;
  } finally {
    guest.close();
  }
}

/** Says what came of a dump. */
export function tellDump(outcome: DumpOutcome | null): void {
  if (outcome === null) return;
  if ("file" in outcome) {
    writeNotice(`the guest's memory is in ${outcome.file}`);
    return;
  }
  const { error } = outcome;
  writeNotice(error.message);
  if ("hint" in error && typeof error.hint === "string") writeNotice(`  ${error.hint}`);
}
