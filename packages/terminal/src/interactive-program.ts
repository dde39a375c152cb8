import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";

function ignore(): void {}

/** Runs an interactive program: Ctrl-C and Ctrl-\ of the terminal are its own, and we wait for its end. Its status, or 128 + N. */
export async function runInTerminal(
  [program, ...args]: readonly [string, ...string[]],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<number> {
  const child = spawn(program, args, { cwd, env, stdio: "inherit" });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of ["SIGINT", "SIGQUIT"] as const) process.on(signal, ignore);
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, pass);
  await once(child, "exit");
  return child.exitCode ?? 128 + (child.signalCode === null ? 0 : constants.signals[child.signalCode]);
}
