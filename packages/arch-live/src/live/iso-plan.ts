import { join } from "node:path";
import { INSTALL_DIRECTORY } from "@vm/vm-store";
import type { BootEntry } from "../boot/boot-entry.js";
import { escapePattern } from "../boot/iso-boot.js";
import { renderLiveScript } from "./live-script.js";
import { liveArgv, type LiveMachine, SETUP_FILE } from "./machine.js";
import { beginning, finishing, type InstallPlan, type LogFiles } from "./plan.js";
import type { InstallTarget } from "./target.js";

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
