import { codedError, errorCode, plainLine } from "@vm/command-plan";
import { runForOutput, type ProgramOutput } from "@vm/host-files";
import type { Host } from "@vm/operations";

/** They try for a while to reach slurmctld. */
const LIMIT_MS = 120_000;

/** @throws `SLURM_NOT_FOUND` where it is not installed, `SLURM_SILENT` where it does not come to an end */
export async function runSlurm(
  argv: readonly ["sbatch" | "scancel" | "scontrol" | "squeue", ...string[]],
  { env, cwd }: Pick<Host, "cwd" | "env">,
  limitMs: number = LIMIT_MS,
): Promise<ProgramOutput> {
  try {
    return await runForOutput(argv, { env, cwd, timeoutMs: limitMs });
  } catch (cause) {
    if (errorCode(cause) === "PROGRAM_NOT_FOUND") {
      throw codedError("SLURM_NOT_FOUND", `there is no ${argv[0]} in PATH: this machine cannot reach Slurm`, {
        hint: "Run it on a machine of the cluster, such as its login node.",
        cause,
      });
    }
    throw codedError("SLURM_SILENT", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** What a program of Slurm complained of, without its name. The last line sums up those before. */
export function complaintOf({ stderr, exitCode }: ProgramOutput): string {
  const line = stderr.split("\n").findLast((text) => text.trim() !== "");
  if (line === undefined) return `exit code ${exitCode}`;
  return plainLine(line.replace(/^\w+:? (?:error|fatal): /, "").trim()).slice(0, 500);
}
