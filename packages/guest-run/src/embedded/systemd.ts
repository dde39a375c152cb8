import { statSync } from "node:fs";
import { join } from "node:path";
import { codedError } from "@vm/command-plan";
import { PORT_NUMBERS } from "../command/ports.js";

/** Where distributions have it. */
const PATHS = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"];

/** The path in the root of the systemd to start. @throws `ROOT_UNUSABLE` when it has none */
export function findSystemd(root: string): string {
  const path = PATHS.find((candidate) => isFile(join(root, candidate)));
  if (path !== undefined) return path;
  throw codedError("ROOT_UNUSABLE", `${root} has no systemd to be the guest's init.`, {
    hint: "Install systemd in it, or leave --systemd out.",
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
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
