import { join } from "node:path";
import { quoteShell } from "@vm/command-plan";
import { renderOption } from "@vm/qemu-argv";
import { INSTALL_DIRECTORY } from "@vm/vm-store";
import { installDisk, SETUP_FILE } from "./machine.js";
import { beginning, finishing, type InstallPlan, type LogFiles } from "./plan.js";
import type { InstallTarget } from "./target.js";

/** An installation from this machine, by its own pacstrap, in the embedded guest. */
export function planBootstrap({
  target,
  logs,
  script,
  pacmanConfiguration,
  runCommand,
  directory,
  onFailure,
}: {
  readonly target: InstallTarget;
  readonly logs: LogFiles;
  readonly script: string;
  /** The text of a pacman.conf(5). */
  readonly pacmanConfiguration: string;
  /** The program that runs a shell command in the embedded guest, with this directory shared. */
  readonly runCommand: (run: {
    readonly command: string;
    readonly share: string;
    /** QEMU's options for the disk, which is /dev/vda. */
    readonly disk: readonly string[];
    readonly console: string;
  }) => readonly [string, ...string[]];
  /** Where that program runs: the person's own directory. */
  readonly directory: string;
  readonly onFailure: "power off" | "shell";
}): InstallPlan {
  const place = join(target.directory, INSTALL_DIRECTORY);
  const command = bootstrapCommand({ place, onFailure });
  return {
    target,
    logs,
    prepare: [
      ...beginning(target, logs),
      { kind: "write-file", path: join(place, "pacman.conf"), content: pacmanConfiguration, mode: 0o644 },
      { kind: "write-file", path: join(place, SETUP_FILE), content: script, mode: 0o600 },
    ],
    guest: {
      argv: runCommand({
        command,
        share: place,
        disk: renderOption(installDisk(target.disk)),
        console: logs.console,
      }),
      directory,
      answers: { kind: "program" },
    },
    check: [],
    finish: finishing(target, place),
  };
}

/** The guest's root is the host's, with a memory of its own over it: the host's pacman never sees this configuration. */
function bootstrapCommand({
  place,
  onFailure,
}: {
  readonly place: string;
  readonly onFailure: "power off" | "shell";
}): string {
  const prepare = `cp ${quoteShell(join(place, "pacman.conf"))} /etc/pacman.conf && mkdir -p /etc/pacman.d`;
  const run = `bash ${quoteShell(join(place, SETUP_FILE))} < /dev/null 2>&1`;
  if (onFailure === "power off") return `${prepare} && ${run}`;
  return `${prepare} && ${run}
status=$?
if [ "$status" != 0 ]; then
  echo '${SHELL_LINE}'
  script --quiet --flush --command 'exec bash -i' /dev/null
fi
exit "$status"`;
}

/** Said by the guest of a bootstrap when a shell follows. */
export const SHELL_LINE = "==> vm shell";
