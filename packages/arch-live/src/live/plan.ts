import { dirname, join } from "node:path";
import { type Plan, quoteShell } from "@vm/command-plan";
import { renderOption } from "@vm/qemu-argv";
import { INSTALL_DIRECTORY } from "@vm/vm-store";
import type { BootEntry } from "../boot/boot-entry.js";
import { escapePattern } from "../boot/iso-boot.js";
import { renderLiveScript } from "./live-script.js";
import { installDisk, liveArgv, type LiveMachine, SETUP_FILE } from "./machine.js";
import type { InstallTarget } from "./target.js";

/** Where what is said of the installation is kept. Absolute. */
export interface LogFiles {
  /** What the installation prints. */
  readonly log: string;
  /** The serial console. */
  readonly console: string;
}

/** An installation as three plans: one after the other they are the whole. */
export interface InstallPlan {
  readonly target: InstallTarget;
  readonly logs: LogFiles;
  readonly prepare: Plan;
  readonly guest: GuestStep;
  /** Looks whether it is installed, where the guest's own exit code does not say it. */
  readonly check: Plan;
  /** After success only. */
  readonly finish: Plan;
}

/** The program that is the guest, and how it is followed. */
export interface GuestStep {
  readonly argv: readonly [string, ...string[]];
  /** Its working directory. */
  readonly directory: string;
  readonly answers:
    /** The guest writes to files: its words on the status port, and the log. */
    | { readonly kind: "files"; readonly status: string }
    /** The program's output is the log, its exit code the answer: that of `vm run --exec`. */
    | { readonly kind: "program" };
}

/** The plan as one: for a script. */
export function wholePlan({ prepare, guest, check, finish }: InstallPlan): Plan {
  return [
    ...prepare,
    { kind: "change-directory", path: guest.directory },
    { kind: "run", argv: guest.argv },
    ...check,
    ...finish,
  ];
}

/** What the guest writes on its status port when all went well. */
const SUCCESS_LINE = "vm1 exited 0";

/**
 * An installation in the live system of an image.
 * @throws KERNEL_CMDLINE_TOO_LONG
 */
export function planIsoInstall({
  target,
  logs,
  iso,
  entry,
  script,
  machine,
  onFailure,
}: {
  readonly target: InstallTarget;
  readonly logs: LogFiles;
  /** Absolute. */
  readonly iso: string;
  readonly entry: BootEntry;
  /** The installation: `renderScript`. */
  readonly script: string;
  readonly machine: Pick<LiveMachine, "qemu" | "acceleratorOptions" | "cpus" | "memory">;
  readonly onFailure: "power off" | "shell";
}): InstallPlan {
  const place = join(target.directory, INSTALL_DIRECTORY);
  const tftp = join(place, "tftp");
  const status = join(place, "status");
  const argv = liveArgv({
    ...machine,
    parameters: entry.parameters,
    shell: onFailure === "shell" ? "socket" : "none",
    files: {
      disk: target.disk,
      iso,
      kernel: join(place, entry.kernel),
      initramfs: join(place, entry.initramfs),
      tftp,
      status,
      ...logs,
    },
  });
  return {
    target,
    logs,
    prepare: [
      ...beginning(target, logs),
      { kind: "comment", text: "The kernel and the initramfs of the image." },
      {
        kind: "run",
        argv: [
          "bsdtar",
          "-x",
          "-f",
          iso,
          "-C",
          place,
          escapePattern(entry.kernel),
          escapePattern(entry.initramfs),
        ],
      },
      { kind: "comment", text: "What the live system fetches from QEMU's TFTP server, and runs." },
      { kind: "make-directory", path: tftp },
      {
        kind: "write-file",
        path: join(tftp, SETUP_FILE),
        content: renderLiveScript({ script, onFailure }),
        mode: 0o600,
      },
    ],
    guest: { argv, directory: place, answers: { kind: "files", status } },
    check: [
      { kind: "comment", text: "Without these words it is not installed, and nothing is left of it." },
      { kind: "run", argv: ["grep", "-x", SUCCESS_LINE, status] },
    ],
    finish: finishing(target, place),
  };
}

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

function beginning(target: InstallTarget, { log }: LogFiles): Plan {
  return [
    ...target.begin,
    { kind: "make-directory", path: join(target.directory, INSTALL_DIRECTORY), mode: 0o700 },
    { kind: "make-directory", path: dirname(log), parents: true },
  ];
}

function finishing(target: InstallTarget, place: string): Plan {
  return [
    // QEMU did not wait for the disk of the host.
    { kind: "run", argv: ["sync", target.disk] },
    { kind: "remove", path: place, recursive: true },
    ...target.finish,
  ];
}
