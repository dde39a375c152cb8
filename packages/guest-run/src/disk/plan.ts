import { findGuest } from "@vm/architectures";
import {
  display,
  hasOption,
  matchesOption,
  missingMachine,
  parseKernelCmdline,
  renderKernelCmdline,
  requestedBoot,
  switchOption,
  type QemuOption,
} from "@vm/qemu-argv";
import { portBootstrap } from "../protocol/bootstrap.js";
import { ownBoot } from "../protocol/own-boot.js";
import { commandFile, commandScript } from "../protocol/command-script.js";
import { channelChardevs, commandChannels, type CommandPlan } from "../protocol/plan.js";
import { commandDevices } from "../protocol/ports.js";
import { checkTakenParameters } from "../protocol/taken-parameters.js";
import { watchedConsole } from "../protocol/watched-console.js";
import { findTerminal } from "../protocol/terminal-device.js";
import type { CommandRequest } from "../protocol/request.js";
import { SERVICE_PROCESSES } from "../protocol/service-processes.js";
import { assignment } from "../protocol/assignment.js";
import { hostKernelOptions, kernelShares } from "./host-kernel.js";
import type { DiskGuest } from "./guest.js";

/**
 * A command in a VM with systemd as QEMU options and the script for the guest. Pure.
 *
 * @throws `COMMAND_NEEDS_APPEND` when the VM's own `-append` leaves no place for the command; `KERNEL_PARAMETER_TAKEN`, `COMMAND_INVALID`,
 *   `ENVIRONMENT_INVALID`, `KERNEL_CMDLINE_INVALID`, `KERNEL_CMDLINE_TOO_LONG`
 */
export function planDisk(guest: DiskGuest, request: CommandRequest): CommandPlan {
  const { kernel, extraOptions = [] } = guest;
  const userOptions = [...guest.qemuOptions, ...extraOptions];
  if (requestedBoot(userOptions).append !== undefined) throw ownBoot("append");
  checkTakenParameters(kernel.cmdline, "vm-command", "none");
  const channels = commandChannels(request);
  const shares = kernelShares(kernel);
  const cmdline = [
    // The person's own come behind, and win.
    "panic=-1",
    ...(findGuest(kernel.arch)?.kernelParameters ?? []),
    // udev looks at every one of the 512 devices that nothing uses.
    "pty.legacy_count=0",
    ...kernel.cmdline,
    renderKernelCmdline([`systemd.run=${RUN}`]),
    "systemd.run_success_action=poweroff systemd.run_failure_action=poweroff",
    watchedConsole(kernel.arch),
  ];
  return {
    options: [
      ...missingMachine(kernel.arch, userOptions),
      ...withoutConsoles(guest.qemuOptions),
      switchOption("no-reboot"),
      ...(hasOption(userOptions, { flag: "display" }) ? [] : [display("none")]),
      { flag: "monitor", value: "none" },
      ...hostKernelOptions({ ...kernel, cmdline }, userOptions, shares),
      ...channelChardevs(channels),
      ...commandDevices(channels, kernel.arch, request.execSocket),
      ...withoutConsoles(extraOptions),
    ],
    channels,
    shares,
    script: diskScript(request, kernel.arch),
    root: kernel.cmdline.flatMap(parseKernelCmdline).includes("rootfstype=9p") ? "9p" : "disk",
    writes: hasOption(userOptions, { flag: "snapshot" }) ? "nothing" : "guest-disk",
    directory: guest.directory,
    ...(guest.lockFd === undefined ? {} : { lockFd: guest.lockFd }),
  };
}

/** What would take the terminal or a second serial port; the console is a channel here. */
const CONSOLES = ["serial", "monitor", "mon", "nographic", "qmp-pretty"];

function withoutConsoles(options: readonly QemuOption[]): QemuOption[] {
  return options.filter((option) => !CONSOLES.some((flag) => matchesOption(option, { flag })));
}

/**
 * The command of `systemd.run=`: systemd's generator makes a service of it, after basic.target and instead of the default
 * target. In a unit `$$` and `%%` are `$` and `%`. Source: systemd-run-generator(8), systemd.service(5).
 */
const RUN = `/bin/sh -c '${portBootstrap({ prepare: "modprobe -q virtio_console", fail: "exit 1" })
  .replaceAll("$", "$$$$")
  .replaceAll("%", "%%")}'`;

function diskScript(request: CommandRequest, arch: string): Buffer {
  return Buffer.concat([
    assignment("vm_command", commandFile(request)),
    commandScript(request, {
      setup: `${SETUP}${findTerminal(arch)}\n`,
      candidates: SERVICE_PROCESSES,
      finish: 'kill "$vm_listener"\nexit 0',
      forget: "",
      path: "",
      sync: "never",
    }),
  ]);
}

const SETUP = String.raw`
printf '%s' "$vm_command" >/run/vm-command
read -r vm_release </proc/sys/kernel/osrelease
vm_send 'kernel %s\n' "$vm_release"
# A service ignores SIGPIPE, and a shell cannot end that. coreutils from 8.31 on can.
vm_find env
if "$vm_found" --default-signal=PIPE true 2>/dev/null; then vm_signals="$vm_found --default-signal=PIPE"; fi
`;
