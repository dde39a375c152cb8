import { PassThrough, Writable } from "node:stream";
import { runCommand } from "@vm/guest-run";
import { commandSettings } from "../guest/command-run.js";
import { planEmbeddedGuest, prepareEmbeddedGuest } from "../guest/embedded-guest.js";
import { backgroundServers } from "../guest/qmp-server.js";
import { outcomeMeaning } from "../outcome.js";
import type { RunCommandRequest } from "../request/request.js";
import { requestError } from "../request/request-error.js";
import { watchQmp } from "./guest-watch.js";
import { residentShell } from "./resident-shell.js";
import type { SupervisedEnd, Supervision } from "./supervision.js";

/** Runs the embedded guest with a shell on its console, until it is told to end. */
export async function superviseEmbedded(
  request: RunCommandRequest,
  { entry, host, watch, stop, openConsole, started }: Supervision,
): Promise<SupervisedEnd> {
  const { guest = { kind: "embedded" }, kernel, ...machine } = request;
  if (guest.kind !== "embedded")
    throw requestError("guest", "a guest in the background is a VM or the embedded guest");
  const plan = planEmbeddedGuest({ ...machine, guest, boot: kernel }, host);
  const prepared = await prepareEmbeddedGuest(kernel, plan, "run", host);
  const { debug } = prepared;
  const { image, release } = prepared.guest.kernel;
  const { root } = prepared.guest;
  entry.update({ kernel: release ?? image, ...(root === undefined ? {} : { root }) });
  const input = new PassThrough();
  const relay = await openConsole(input);
  const ended = new AbortController();
  const take = (isShell: boolean): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        watch.push(chunk);
        relay.push(isShell ? chunk : withReturns(chunk));
        if (isShell) watch.up("shell");
        done();
      },
    });
  const announce = async (pid: number | null): Promise<void> => {
    if ((await watchQmp(entry.socket("watch"), watch, ended.signal)) !== null) started(pid, ["exec"]);
  };
  const sockets = backgroundServers((name) => entry.socket(name));
  try {
    const result = await runCommand({
      command: residentShell,
      ...commandSettings(request.command, guest, host),
      guest: {
        ...prepared.guest,
        qemuOptions: [...sockets, ...(prepared.guest.qemuOptions ?? [])],
        lockFd: entry.fd,
      },
      qemu: prepared.qemu,
      acceleratorOptions: prepared.accelerator.options,
      execSocket: entry.socket("exec"),
      ...(debug?.dumpFile === undefined ? {} : { dumpFile: debug.dumpFile }),
      ...(debug?.gdb === "stub" ? { patience: "endless" } : {}),
      env: host.env,
      streams: { kind: "terminal", input, output: take(true), rows: 24, columns: 80 },
      console: take(false),
      onStart: (control) => {
        void announce(control.pid);
        // Before the shell is there nothing is lost with the guest.
        const end = (): void => void (control.signal("TERM") || control.stop(15));
        if (stop.aborted) end();
        stop.addEventListener("abort", end, { once: true });
      },
    });
    const { exitCode, sentence } = outcomeMeaning(result);
    return { exitCode, sentence: sentence ?? "the guest has powered off" };
  } finally {
    ended.abort();
    await relay.close();
    debug?.close();
  }
}

/** The kernel ends its lines for a terminal; where it does not, as over some consoles, a terminal needs it. */
function withReturns(chunk: Buffer): Buffer {
  return Buffer.from(chunk.toString("latin1").replaceAll(/(?<!\r)\n/g, "\r\n"), "latin1");
}
