import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { codedError } from "@vm/command-plan";
import { isWithin } from "@vm/host-files";
import { isRevision } from "@vm/kernel-build";
import {
  vmHome,
  type Host,
  type Request,
  type RunCommandRequest,
  type RunVmRequest,
  type TestRequest,
} from "@vm/operations";

/** What an agent may do beside reading: write below these directories; absolute, links followed. */
export interface Permission {
  readonly writable: readonly string[];
}

/**
 * Refuses a request that would write to the host where that is not allowed, and whatever would open the host in another way: an agent reads
 * what kernels and logs say, and may do what they say. vm's own cache is no such place.
 *
 * @throws `MCP_NOT_ALLOWED`
 */
export function checkPermission(request: Request, permission: Permission, host: Host): void {
  if (!isForAgents(request)) throw notAllowed(`${request.operation} is not for agents`, "It is a person's.");
  switch (request.operation) {
    case "run-command": {
      const { guest = { kind: "embedded" }, command, kernel } = request;
      checkQemu(request);
      refuse(kernel.busybox, "kernel.busybox", "which is run on this machine");
      refuse(command?.afterwards, "command.afterwards", "which needs a terminal");
      refuse(command?.onFailure, "command.onFailure", "which needs a terminal, or writes a file");
      if (command?.text === undefined)
        throw notAllowed("a shell needs a terminal", "Give a command: command.text.");
      if (command.input !== undefined && command.input !== "none")
        throw notAllowed("a command gets no input here", 'Leave command.input out, or write "none".');
      if (guest.kind === "vm") {
        if (guest.disks !== "ephemeral")
          wantWritable(resolve(vmHome(host), guest.name), `the disks of ${guest.name}`, permission);
      } else checkEmbedded(guest, permission, host);
      checkRevision(kernel.name, permission, host);
      return;
    }
    case "start": {
      // It runs on when the agent has gone.
      wantWritable(vmHome(host), "a guest that is started", permission);
      const { run } = request;
      checkQemu(run);
      if (run.operation === "run-command" && run.guest?.kind !== "vm")
        checkEmbedded(run.guest ?? {}, permission, host);
      refuse(run.kernel?.busybox, "run.kernel.busybox", "which is run on this machine");
      if (run.kernel !== undefined) checkRevision(run.kernel.name, permission, host);
      return;
    }
    case "test":
      refuse(request.qemu, "qemu", "which would run any program of this machine");
      refuse(request.boot?.busybox, "boot.busybox", "which is run on this machine");
      checkEmbedded(request.guest ?? {}, permission, host);
      for (const kernel of request.kernels) checkRevision(kernel, permission, host);
      return;
    case "kernel":
    case "check-config":
    case "decode":
      checkRevision(request.kernel, permission, host);
      return;
    case "merge-config": {
      const { tree, buildDirectory, output } = request;
      // Its make runs what stands in the tree, and writes where it is told to.
      for (const path of [
        tree,
        buildDirectory,
        output === undefined ? undefined : dirname(resolve(host.cwd, output)),
      ])
        if (path !== undefined) wantWritable(resolve(host.cwd, path), `merging into ${path}`, permission);
      return;
    }
    case "restart":
    case "stop":
    case "pause":
    case "resume":
      wantWritable(vmHome(host), "what becomes of virtual machines", permission);
      return;
    case "info":
    case "list":
    case "logs":
      return;
    default:
      request satisfies never;
  }
}

const operations = [
  "check-config",
  "decode",
  "info",
  "kernel",
  "list",
  "logs",
  "merge-config",
  "pause",
  "restart",
  "resume",
  "run-command",
  "start",
  "stop",
  "test",
] as const;

type AgentRequest = Extract<Request, { operation: (typeof operations)[number] }>;

function isForAgents(request: Request): request is AgentRequest {
  return operations.some((each) => each === request.operation);
}

function checkQemu({ debug, qemu, qemuOptions }: RunVmRequest | RunCommandRequest): void {
  refuse(qemu, "qemu", "which would run any program of this machine");
  refuse(qemuOptions, "qemuOptions", "by which QEMU opens any file");
  refuse(debug, "debug");
}

function checkEmbedded(
  { shares = [], expose, network }: NonNullable<TestRequest["guest"]> | Record<string, never>,
  permission: Permission,
  host: Host,
): void {
  refuse(expose, "guest.expose", "which shows keys and tokens to the guest");
  if (network === "user")
    throw notAllowed(
      "guest.network user reaches the services of this machine",
      "Leave it out, or take isolated.",
    );
  for (const { path, access } of shares)
    if (access === "read-write") wantWritable(resolve(host.cwd, path), `the share ${path}`, permission);
}

/** A revision is built by the Makefile of its repository. */
function checkRevision(kernel: string, permission: Permission, { cwd }: Host): void {
  if (isRevision(kernel))
    wantWritable(cwd, `${kernel}, which is built by the repository's own make,`, permission);
}

function refuse(value: unknown, field: string, why = "which is for a person"): void {
  if (value !== undefined) throw notAllowed(`${field} is not for agents, ${why}`, "Leave it out.");
}

/** Whether the person has allowed to write there. */
export function mayWrite(directory: string, { writable }: Permission): boolean {
  const real = realPlace(directory);
  return writable.some((allowed) => isWithin(real, allowed));
}

function wantWritable(path: string, what: string, permission: Permission): void {
  if (mayWrite(path, permission)) return;
  throw notAllowed(`${what} would write below ${path}`, `The person allows it: vm mcp --allow-write ${path}`);
}

/** By its nearest directory that is there: links are followed, those to what is not there yet as well. */
function realPlace(path: string, links = 0): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    if (path === parent) return path;
    const target = linkTarget(path);
    if (target === undefined) return resolve(realPlace(parent, links), basename(path));
    // A circle of links is no place (the kernel gives up after 40 as well).
    return links === 40 ? "/" : realPlace(resolve(realPlace(parent, links + 1), target), links + 1);
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function notAllowed(message: string, hint: string): Error {
  return codedError("MCP_NOT_ALLOWED", message, { hint });
}
