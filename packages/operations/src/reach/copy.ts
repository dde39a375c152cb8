import { codedError, type Plan } from "@vm/command-plan";
import { resolve } from "node:path";
import type { Host } from "../host.js";
import type { Mode } from "../mode.js";
import { sshProgram } from "./guest-keys.js";
import { findReachedGuest, type ReachedGuest } from "./reached-guest.js";
import { configFile, GUEST_HOST } from "./ssh-config.js";
import { ensureMaster, isMasterThere } from "./ssh-master.js";
import type { CopyRequest } from "../request/request.js";

/** A copy to be made by a program on the terminal. */
export interface PlannedCopy {
  readonly plan: Plan;
  /** What scp's end means. @throws `COPY_FAILED`, `GUEST_LOST` */
  end(this: void, status: number): Promise<void>;
}

/** @throws `COPY_INVALID`, and what `findReachedGuest` and `ensureMaster` throw */
export async function planCopy(
  { from, to, preserve = false }: CopyRequest,
  mode: Mode,
  host: Host,
): Promise<PlannedCopy> {
  const sources = from.map(readPlace);
  const target = readPlace(to);
  const [first] = sources;
  const names = new Set([...sources, target].flatMap(({ guest }) => guest ?? []));
  const [name, ...others] = names;
  if (first === undefined || name === undefined || others.length > 0) {
    throw invalid(names.size > 1 ? `a copy has one guest, not ${[...names].join(" and ")}` : "which guest?");
  }
  const isUpload = target.guest !== undefined;
  if (sources.some(({ guest }) => (guest === undefined) !== isUpload)) {
    throw invalid("a copy goes between this machine and a guest");
  }
  const guest = findReachedGuest(name, host);
  if (mode === "run") await ensureMaster(guest, host);
  const { path: file, step } = configFile(guest, host);
  return {
    plan: [
      step,
      {
        kind: "exec",
        argv: [
          sshProgram("scp", host.env),
          "-F",
          file,
          "-r",
          ...(preserve ? ["-p"] : []),
          "--",
          ...sources.map((place) => word(place, "source", host)),
          word(target, "target", host),
        ],
      },
    ],
    end: (status) => copyEnd(status, guest),
  };
}

interface Place {
  readonly guest?: string;
  readonly path: string;
}

/** Like scp: a colon before any slash ends a guest's name. */
function readPlace(text: string): Place {
  const [, guest, path = ""] = /^([^/:]+):(.*)$/s.exec(text) ?? [];
  return guest === undefined ? { path: text } : { guest, path };
}

/** Of what it reads in a guest scp takes `*` and the like for patterns, which nobody here means. */
function word({ guest, path }: Place, role: "source" | "target", { cwd }: Host): string {
  if (path === "" && guest === undefined) throw invalid("a path of this machine is empty");
  if (guest === undefined) return path.endsWith("/") ? `${resolve(cwd, path)}/` : resolve(cwd, path);
  const meant = role === "source" ? path.replaceAll(/[\\*?[\]{}]/g, String.raw`\$&`) : path;
  return `${GUEST_HOST}:${meant}`;
}

async function copyEnd(status: number, guest: ReachedGuest): Promise<void> {
  if (!(await isMasterThere(guest))) {
    throw codedError("GUEST_LOST", `${guest.name} has gone before everything was copied`, {
      hint: "What is there may not be whole: copy it again.",
    });
  }
  if (status === 0) return;
  throw codedError("COPY_FAILED", `not everything was copied (scp ended with ${status})`, {
    hint: "What is there may not be whole.",
  });
}

function invalid(reason: string): Error {
  return codedError("COPY_INVALID", reason, {
    hint: "vm cp FILE NAME:/tmp/ or vm cp NAME:/var/log/syslog . (a file of this machine with a colon in its name: ./a:b)",
  });
}
