import { foregroundStatus, guestExitCodes, watchPanic, type ForegroundEnd } from "@vm/guest-run";
import { hasOption, type QemuOption } from "@vm/qemu-argv";
import { tell, type Host } from "../host.js";
import { remark } from "../notice.js";
import type { DebugGuest } from "./debug-guest.js";
import { dumpNotices } from "./dump-notices.js";

export interface WatchedGuest {
  readonly guest: DebugGuest;
  /** The person's own options, which say what becomes of a guest that reboots. */
  readonly userOptions: readonly QemuOption[];
  /** Whether somebody sits at the terminal. */
  readonly attended: boolean;
}

/** Runs QEMU (`run`), and writes the memory of a guest that panics where the request says. */
export async function runWatched(
  run: () => Promise<ForegroundEnd>,
  { guest, userOptions, attended }: WatchedGuest,
  host: Pick<Host, "notice">,
): Promise<number> {
  const { watchSocket, dumpFile } = guest;
  try {
    if (watchSocket === undefined || dumpFile === undefined) return foregroundStatus(await run());
    const ended = new AbortController();
    let told = false;
    const afterDump = guest.gdb === "stub" ? "stay" : "quit";
    // Where nobody sits, nobody would end it.
    const afterFailure = guest.gdb === "stub" || attended ? "stay" : "quit";
    const watch = watchPanic({
      qmp: watchSocket,
      file: dumpFile,
      afterDump,
      afterFailure,
      reboot: hasOption(userOptions, { flag: "no-reboot" }) ? "quit" : "reboot",
      shutdown: hasOption(userOptions, { flag: "no-shutdown" }) ? "stay" : "quit",
      signal: ended.signal,
      onPanic: () => {
        host.notice(remark(`the kernel panicked: its memory is being written to ${dumpFile}`));
      },
      onDump: (outcome) => {
        told = true;
        tell(host, dumpNotices(outcome));
        if (("file" in outcome ? afterDump : afterFailure) === "stay") {
          host.notice(remark("the guest stands still, for gdb and vm dump; Ctrl-A X ends it"));
        }
      },
    });
    const end = await run().finally(() => ended.abort());
    const outcome = await watch;
    // Told already, unless QEMU could not even be asked to watch.
    if (!told) tell(host, dumpNotices(outcome));
    const status = foregroundStatus(end);
    return told && status === 0 ? guestExitCodes.panicked : status;
  } finally {
    guest.close();
  }
}
