import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Host } from "../host.js";
import { tellIfLong } from "../long-step.js";
import type { DoctorRequest } from "../request/request.js";
import type { Finding } from "./check.js";
import { installCommand, ownDistribution, type Distribution } from "./distribution.js";
import { checkForKernel } from "./kernel-check.js";
import { checkMachine } from "./machine-checks.js";
import { packagesOf } from "./packages.js";
import { checkPlaces } from "./place-checks.js";
import { checkPrograms } from "./program-checks.js";

/** What this machine has and lacks. Survives JSON. */
export interface DoctorReport {
  readonly distribution: Distribution;
  /** The worst of what was found. */
  readonly state: Finding["state"];
  readonly findings: readonly (Omit<Finding, "missing"> & {
    /** What to install for it, by the distribution's names. */
    readonly packages: readonly string[];
  })[];
  /** All of them, and the one command that installs them; null where nothing is to be installed, or nobody knows how. */
  readonly packages: readonly string[];
  readonly command: string | null;
}

/** Looks at this machine, with real trials that have time limits. Nothing stays that it makes. */
export function examine(request: DoctorRequest, host: Host): Promise<DoctorReport> {
  return tellIfLong("this machine is being tried", () => examineAll(request, host), host);
}

async function examineAll({ kernel }: DoctorRequest, host: Host): Promise<DoctorReport> {
  const scratch = mkdtempSync(join(tmpdir(), "vm-doctor-"));
  try {
    const distribution = ownDistribution();
    const findings = [
      ...(await checkMachine({ arch: host.arch, scratch }, host)),
      ...(await checkPrograms({ arch: host.arch, scratch }, host)),
      ...checkPlaces(host),
      ...(kernel === undefined ? [] : await checkForKernel(kernel, host)),
    ];
    const packages = packagesOf(
      findings.flatMap(({ missing = [] }) => missing),
      distribution,
    );
    const { family } = distribution;
    return {
      distribution,
      state: worst(findings),
      findings: findings.map(({ missing = [], ...finding }) => ({
        ...finding,
        packages: packagesOf(missing, distribution),
      })),
      packages,
      command:
        family === undefined || packages.length === 0
          ? null
          : installCommand(family, packages, { isRoot: host.user.uid === 0 }),
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function worst(findings: readonly Finding[]): Finding["state"] {
  const states = findings.map(({ state }) => state);
  if (states.includes("broken")) return "broken";
  return states.includes("limited") ? "limited" : "ok";
}
