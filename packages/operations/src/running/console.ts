import { existsSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { codedError, errorCode, quoteShell } from "@vm/command-plan";
import { openSocket } from "@vm/guest-run";
import { entryName, findRunningGuest, runtimeDirectories } from "@vm/vm-store";
import { olderPart } from "../background/bounded-log.js";
import { embeddedLog, vmLog } from "../background/log-file.js";
import { vmHome } from "../guest/vm-config.js";
import type { Host } from "../host.js";
import type { ConsoleRequest, LogsRequest } from "../request/request.js";
import { readGrowing } from "./followed-file.js";
import { findGuest } from "./running-guest.js";

/** Connects to the console of a guest: first its last lines come. @throws what `findGuest` throws, `CONSOLE_UNREACHABLE` */
export async function openConsoleOf({ guest: name }: ConsoleRequest, host: Host): Promise<Socket> {
  const { sockets } = findGuest(name, host);
  if (sockets.console === undefined) {
    throw codedError("CONSOLE_UNREACHABLE", `${name} is being made ready: it has no console yet`, {
      hint: `Wait for it: vm wait ${quoteShell(name)} --for up`,
    });
  }
  try {
    return await openSocket(sockets.console);
  } catch (cause) {
    throw codedError("CONSOLE_UNREACHABLE", `the console of ${name} does not answer`, {
      hint: `The process that watched over it has ended, and the guest runs on: vm stop ${quoteShell(name)} powers it off.`,
      cause,
    });
  }
}

/**
 * What the console of a guest said: of the run that goes on, else of the last one.
 * @throws `NO_LOG`, what `findGuest` throws
 */
export async function* consoleLogOf(
  { guest: name, follow = "no" }: LogsRequest,
  host: Host,
  signal?: AbortSignal,
): AsyncGenerator<Buffer, void> {
  const { file, isAlive } = findLog(name, host);
  const settings = { isAlive, ...(signal === undefined ? {} : { signal }) };
  if (existsSync(olderPart(file))) yield* readGrowing(olderPart(file), { ...settings, follow: "no" });
  yield* readGrowing(file, { ...settings, follow });
}

function findLog(name: string, host: Host): { readonly file: string; readonly isAlive: () => boolean } {
  const home = vmHome(host);
  const running = findRunningGuest({ home, name }, host.env);
  const dead = [
    vmLog(join(home, name)),
    ...runtimeDirectories(host.env).map((directory) => embeddedLog(directory, entryName({ home, name }))),
  ];
  const file = running === undefined ? dead.find((path) => existsSync(path)) : running.log;
  if (file === undefined || !existsSync(file)) throw noLog(name, host);
  return {
    file,
    isAlive: () =>
      running !== undefined && findRunningGuest({ home, name }, host.env)?.since === running.since,
  };
}

/** Says first that there is no such guest, where there is none. */
function noLog(name: string, host: Host): unknown {
  try {
    findGuest(name, host);
  } catch (error) {
    if (errorCode(error) !== "VM_NOT_RUNNING") return error;
  }
  return codedError("NO_LOG", `the console of ${name} has said nothing in the background yet`, {
    hint: `vm start ${quoteShell(name)} starts it; a vm run has its terminal.`,
  });
}
