import { execute } from "@vm/command-plan";
import {
  foregroundStatus,
  isShareLost,
  removeShareDirectory,
  shareEnvironment,
  type ForegroundEnd,
} from "@vm/guest-run";
import { backgroundServers } from "../guest/qmp-server.js";
import { lockForRun, type PreparedVm } from "../guest/vm-machine.js";
import { planRun } from "../guest/vm-run.js";
import { execOptions } from "../reach/exec-service.js";
import type { RunVmRequest } from "../request/request.js";
import { startBackgroundQemu, type BackgroundQemu } from "./background-qemu.js";
import { watchQmp } from "./guest-watch.js";
import { findSshForward, waitForSsh } from "./ssh-banner.js";
import type { SupervisedEnd, Supervision } from "./supervision.js";

/** Runs a VM whose terminal is in our hands, until QEMU ends. */
export async function superviseVm(request: RunVmRequest, supervision: Supervision): Promise<SupervisedEnd> {
  const { entry, host } = supervision;
  const sockets = backgroundServers((name) => entry.socket(name));
  let hasExec = false;
  const { plan, vm, shares } = await planRun(request, "run", host, (arch, userOptions) => {
    const exec = execOptions(entry.socket("exec"), arch, userOptions);
    hasExec = exec.length > 0;
    return [...sockets, ...exec];
  });
  const lock = await lockForRun(vm, host);
  entry.update(vm.kernelName === undefined ? {} : { kernel: vm.kernelName });
  let errors = "";
  const { exitCode, failure } = await execute(plan, {
    cwd: host.cwd,
    onExec: async (argv, { cwd, env }) => {
      const start = async (): Promise<ForegroundEnd> => {
        const qemu = await startBackgroundQemu({
          argv,
          cwd,
          env: { ...env, ...shareEnvironment(shares) },
          held: [lock.fd, entry.fd],
        });
        const end = await followQemu(qemu, argv, supervision, hasExec ? ["exec"] : []);
        errors = qemu.errors();
        return { ...end, stoppedBy: null, lostOutput: null };
      };
      try {
        const status = await watched(start, vm, supervision);
        return status === 0 && isShareLost(shares) ? 1 : status;
      } finally {
        removeShareDirectory(shares);
      }
    },
  });
  if (failure !== undefined) throw failure.error;
  return { exitCode, sentence: sentenceOf(exitCode, errors) };
}

async function watched(
  start: () => Promise<ForegroundEnd>,
  { debug, userOptions }: PreparedVm,
  { host }: Supervision,
): Promise<number> {
  if (debug === undefined) return foregroundStatus(await start());
  const { runWatched } = await import("../debug/watched-run.js");
  return runWatched(start, { guest: debug, userOptions, attended: false }, host);
}

/** How long a guest has to power off when systemd ends its unit, which itself waits somewhat longer. */
const POWER_OFF_MS = 75_000;

async function followQemu(
  qemu: BackgroundQemu,
  argv: readonly string[],
  { entry, watch, stop, openConsole, started }: Supervision,
  offers: readonly "exec"[],
): Promise<Pick<ForegroundEnd, "code" | "signal">> {
  const ended = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onStop = (): void => {
    void powerDown();
    timer = setTimeout(() => qemu.kill("SIGTERM"), POWER_OFF_MS);
  };
  // Until QEMU listens it can only be ended.
  let powerDown = (): Promise<unknown> => Promise.resolve(qemu.kill("SIGTERM"));
  try {
    const relay = await openConsole(qemu.input);
    qemu.output.on("data", (chunk: Buffer) => {
      watch.push(chunk);
      relay.push(chunk);
    });
    const qmp = await watchQmp(
      entry.socket("watch"),
      watch,
      AbortSignal.any([ended.signal, endSignal(qemu)]),
    );
    if (qmp !== null) {
      powerDown = () => qmp.execute("system_powerdown").catch(() => {});
      started(qemu.pid, offers);
    }
    if (stop.aborted) onStop();
    stop.addEventListener("abort", onStop, { once: true });
    const ssh = findSshForward(argv);
    if (ssh !== undefined) {
      void waitForSsh(ssh, ended.signal).then((isUp) => void (isUp && watch.up("ssh")));
    }
    const end = await qemu.end;
    await relay.close();
    return end;
  } catch (error) {
    qemu.kill("SIGTERM");
    await qemu.end;
    throw error;
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", onStop);
    ended.abort();
  }
}

function endSignal({ end }: BackgroundQemu): AbortSignal {
  const controller = new AbortController();
  void end.then(() => controller.abort());
  return controller.signal;
}

function sentenceOf(exitCode: number, errors: string): string {
  if (exitCode === 0) return "QEMU has ended";
  const how = exitCode > 128 ? `was ended by signal ${exitCode - 128}` : `ended with ${exitCode}`;
  return `QEMU ${how}${errors === "" ? "" : `: ${errors}`}`;
}
