import { join } from "node:path";
import { identityOf, makeRuntimeDirectory, openGuestEntry, type GuestEntry } from "@vm/vm-store";
import { vmHome } from "../guest/vm-config.js";
import type { Host } from "../host.js";
import { openBoundedLog } from "./bounded-log.js";
import { openConsoleRelay } from "./console-relay.js";
import { openControlSocket } from "./control-socket.js";
import { openEventLog } from "./guest-events.js";
import type { GuestOrder, SupervisorMessage } from "./guest-order.js";
import { embeddedLog, vmLog } from "./log-file.js";
import { watchGuest } from "./guest-watch.js";
import type { SupervisedEnd, Supervision } from "./supervision.js";

/**
 * Starts a guest and watches over it until it ends: its entry in the runtime directory, its console, its events. For a process that does
 * nothing else. Rejects with what kept the guest from starting.
 */
export async function superviseGuest(
  order: GuestOrder,
  {
    host,
    stop,
    say,
    unit,
  }: {
    readonly host: Host;
    /** Aborted when the guest is to end in an orderly way. */
    readonly stop: AbortSignal;
    readonly say: (message: SupervisorMessage) => void;
    readonly unit?: string;
  },
): Promise<SupervisedEnd> {
  const { run, name, command } = order;
  const home = vmHome(host);
  const isVm = run.operation === "run-vm";
  const entry = openGuestEntry(
    {
      name,
      kind: isVm ? "vm" : "embedded",
      home,
      ...(isVm ? { directory: join(home, name) } : {}),
      command,
      order,
      offers: [],
      ...(unit === undefined ? {} : { unit }),
    },
    host.env,
  );
  const events = openEventLog(entry.path);
  const stopped = new AbortController();
  const watch = watchGuest({
    events,
    signs: isVm ? "login" : "told",
    onUp: (by) => say({ kind: "up", by }),
    onStuck: (reason) => say({ kind: "stuck", reason }),
  });
  try {
    const log = logFile(entry, order, host);
    const closeControl = await openControlSocket(entry.socket("control"), () => stopped.abort());
    entry.update({ offers: ["control"] });
    const supervision: Supervision = {
      entry,
      host,
      watch,
      stop: AbortSignal.any([stop, stopped.signal]),
      openConsole: async (input) => {
        const relay = await openConsoleRelay({
          path: entry.socket("console"),
          log: openBoundedLog(log),
          input,
        });
        entry.update({ log });
        return relay;
      },
      started: (qemuPid, more) => {
        const qemu = qemuPid === null ? undefined : identityOf(qemuPid);
        entry.update({
          offers: ["qmp", "console", "control", ...more],
          ...(qemu === undefined ? {} : { qemu }),
        });
        watch.note({ event: "started" });
        say({ kind: "started" });
      },
    };
    const end = await superviseKind(run, supervision);
    watch.note({ event: "exit", ...end });
    closeControl();
    return end;
  } finally {
    events.close();
    entry.close();
  }
}

async function superviseKind(run: GuestOrder["run"], supervision: Supervision): Promise<SupervisedEnd> {
  if (run.operation === "run-vm") {
    const { superviseVm } = await import("./supervise-vm.js");
    return superviseVm(run, supervision);
  }
  const { superviseEmbedded } = await import("./supervise-embedded.js");
  return superviseEmbedded(run, supervision);
}

/** In the VM's directory, so that it is there after a reboot of the host; an embedded guest has none. */
function logFile({ path }: GuestEntry, { run, name }: GuestOrder, host: Host): string {
  if (run.operation === "run-vm") return vmLog(join(vmHome(host), name));
  return embeddedLog(makeRuntimeDirectory(host.env), path);
}
