import { codedError } from "@vm/command-plan";
import { isFile } from "@vm/host-files";
import { PORT_NUMBERS } from "../protocol/ports.js";
import { fileInRoot } from "./root-program.js";

/** Where distributions have it; the last is NixOS'. */
const PATHS = [
  "/usr/lib/systemd/systemd",
  "/lib/systemd/systemd",
  "/nix/var/nix/profiles/system/systemd/lib/systemd/systemd",
];

/** Tables of the root's own disks, which are not there: systemd would wait 90 s for each. */
export const TABLES: readonly string[] = [
  "/etc/fstab",
  "/etc/crypttab",
  "/etc/veritytab",
  "/etc/integritytab",
];

/**
 * Kernel parameters that keep generators from looking for disks and swap on their own, a first boot from asking questions, caches from
 * being made anew in each guest, and a tmpfs from covering /tmp, which shows the root's. Sources: systemd(1), kernel-command-line(7),
 * systemd-gpt-auto-generator(8), systemd-cryptsetup-generator(8), zram-generator(8), systemd-debug-generator(8).
 */
export const SYSTEMD_PARAMETERS: string = [
  "systemd.gpt_auto=no luks=no systemd.zram=0 systemd.firstboot=no",
  "systemd.condition_needs_update=no systemd.condition_first_boot=no systemd.mask=tmp.mount net.ifnames=0",
].join(" ");

/** The path in the root of the systemd to start. @throws `ROOT_UNUSABLE` when it has none */
export function findSystemd(root: string): string {
  const path = PATHS.find((candidate) => {
    const file = fileInRoot(root, candidate);
    return file !== undefined && isFile(file);
  });
  if (path !== undefined) return path;
  throw codedError("ROOT_UNUSABLE", `${root} has no systemd to be the guest's init.`, {
    hint: "Install systemd in it, or leave --systemd out.",
  });
}

/** The unit that the embedded guest's systemd starts instead of the root's default target. */
export const COMMAND_UNIT = "vm-command.service";

/**
 * The service that runs the command, after basic.target. What a service is by default would change the command: a limit
 * of tasks, SIGPIPE that is ignored. A `$$` is a `$`. Source: systemd.service(5), systemd.exec(5).
 */
export const COMMAND_SERVICE: string = `[Unit]
Description=Command of the host
After=basic.target
Requires=basic.target

[Service]
ExecStart=/bin/sh -c "read -r bus </run/vm-bus; set -- $$bus; exec 8<>$\${bus}${PORT_NUMBERS.status}; . /run/vm-init"
IgnoreSIGPIPE=no
TasksMax=infinity
OOMPolicy=continue
`;
