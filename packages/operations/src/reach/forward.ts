import { codedError, type Step } from "@vm/command-plan";
import { runForOutput } from "@vm/host-files";
import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
import { sshProgram } from "./guest-keys.js";
import { findReachedGuest } from "./reached-guest.js";
import { GUEST_HOST } from "./ssh-config.js";
import { ensureMaster, isMasterThere } from "./ssh-master.js";
import { sessionWords } from "./ssh-words.js";
import type { ForwardRequest, PortForward } from "../request/request.js";

/** A step of a plan, and what it is about. */
interface ForwardStep extends Extract<Step, { kind: "run" }> {
  readonly ports: string;
}

/** @throws `FORWARD_FAILED`, and what `forwardPlan` throws */
export async function forwardPorts(request: ForwardRequest, host: Host): Promise<void> {
  for (const step of await forwardPlan(request, "run", host)) {
    const { exitCode, stderr } = await runForOutput(step.argv, { env: host.env, signal: host.signal });
    // Of a forward that is not there ssh ends with 0, too.
    if (exitCode === 0 && stderr === "") continue;
    const reason =
      stderr
        .trim()
        .split("\n")[0]
        ?.replace(/^.*(?:failed|request): /, "") ?? "";
    throw codedError(
      "FORWARD_FAILED",
      `${step.ports} could not be ${request.wish === "cancel" ? "taken back" : "forwarded"}: ${reason}`,
      {
        hint: "Is the port taken by another program, or not forwarded at all?",
      },
    );
  }
}

/** Programs that tell the guest's master. @throws what `findReachedGuest` and `ensureMaster` throw */
export async function forwardPlan(
  { guest: name, ports, wish = "open" }: ForwardRequest,
  mode: Mode,
  host: Host,
): Promise<ForwardStep[]> {
  const guest = findReachedGuest(name, host);
  if (mode === "run") await ensureMaster(guest, host);
  else if (!(await isMasterThere(guest))) {
    throw codedError("SSH_MASTER_MISSING", `${name} has no connection yet that could carry ports`, {
      hint: `Any command opens it: vm exec ${name} true`,
    });
  }
  const ssh = sshProgram("ssh", host.env);
  return ports.map((forward) => ({
    kind: "run",
    ports: forwardText(forward),
    argv: [
      ssh,
      ...sessionWords(guest),
      "-O",
      wish === "open" ? "forward" : "cancel",
      forward.direction === "to-host" ? "-R" : "-L",
      forwardText(forward),
      GUEST_HOST,
    ],
  }));
}

function forwardText({
  address = "127.0.0.1",
  port,
  targetAddress = "localhost",
  targetPort,
}: PortForward): string {
  return [address, port, targetAddress, targetPort].map((part) => bracketed(String(part))).join(":");
}

/** An address of IPv6 stands in brackets. */
function bracketed(part: string): string {
  return part.includes(":") ? `[${part}]` : part;
}

/** `8080:80`, `ADDRESS:8080:80`, `8080:HOST:80`, `ADDRESS:8080:HOST:80`, with addresses of IPv6 in brackets. @throws `FORWARD_INVALID` */
export function readForward(text: string): PortForward {
  const parts = [...text.matchAll(/\[([^\]]*)\]|([^:]+)/g)].map(([, inner, plain]) => inner ?? plain ?? "");
  const isWhole = parts.length >= 2 && parts.length <= 4 && /^[^\s]+$/.test(text);
  const targetPort = parts.at(-1);
  const first = isPort(parts[0]) ? 0 : 1;
  const port = parts[first];
  const between = parts.slice(first + 1, -1);
  if (!isWhole || !isPort(port) || !isPort(targetPort) || between.length > 1 || first + 1 >= parts.length) {
    throw codedError("FORWARD_INVALID", `'${text}' is no pair of ports`, {
      hint: "8080:80 leads from port 8080 of this machine to port 80 of the guest; before each an address may stand: 0.0.0.0:8080:10.0.0.7:80",
    });
  }
  const [targetAddress] = between;
  return {
    ...(first === 0 ? {} : { address: parts[0] ?? "" }),
    port: Number(port),
    ...(targetAddress === undefined ? {} : { targetAddress }),
    targetPort: Number(targetPort),
  };
}

function isPort(part: string | undefined): boolean {
  return /^\d{1,5}$/.test(part ?? "") && Number(part) >= 1 && Number(part) <= 65_535;
}
