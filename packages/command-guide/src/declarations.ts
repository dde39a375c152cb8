import type { CommandDeclaration } from "./command-declaration.js";
import type { CommandName } from "./command-list.js";
import { cacheCommand } from "./commands/cache.js";
import { cloneCommand } from "./commands/clone.js";
import { completionCommand } from "./commands/completion.js";
import { configCommand } from "./commands/config.js";
import { consoleCommand } from "./commands/console.js";
import { cpCommand } from "./commands/cp.js";
import { createCommand } from "./commands/create.js";
import { decodeCommand } from "./commands/decode.js";
import { diskCommand } from "./commands/disk.js";
import { doctorCommand } from "./commands/doctor.js";
import { dumpCommand } from "./commands/dump.js";
import { editCommand } from "./commands/edit.js";
import { eventsCommand } from "./commands/events.js";
import { execCommand } from "./commands/exec.js";
import { exportCommand } from "./commands/export.js";
import { forwardCommand } from "./commands/forward.js";
import { gdbCommand } from "./commands/gdb.js";
import { importCommand } from "./commands/import.js";
import { infoCommand } from "./commands/info.js";
import { installCommand } from "./commands/install.js";
import { kconfigCommand } from "./commands/kconfig.js";
import { kernelCommand } from "./commands/kernel.js";
import { listCommand } from "./commands/list.js";
import { logsCommand } from "./commands/logs.js";
import { mcpCommand } from "./commands/mcp.js";
import { modulesCommand } from "./commands/modules.js";
import { modulesPackageCommand } from "./commands/modules-package.js";
import { mountCommand } from "./commands/mount.js";
import { pauseCommand } from "./commands/pause.js";
import { qmpCommand } from "./commands/qmp.js";
import { renameCommand } from "./commands/rename.js";
import { reportCommand } from "./commands/report.js";
import { resizeCommand } from "./commands/resize.js";
import { restartCommand } from "./commands/restart.js";
import { resumeCommand } from "./commands/resume.js";
import { rmCommand } from "./commands/rm.js";
import { runCommand } from "./commands/run.js";
import { serveCellsCommand } from "./commands/serve-cells.js";
import { setCommand } from "./commands/set.js";
import { shellCommand } from "./commands/shell.js";
import { snapshotCommand } from "./commands/snapshot.js";
import { sshCommand } from "./commands/ssh.js";
import { sshConfigCommand } from "./commands/ssh-config.js";
import { sshConnectCommand } from "./commands/ssh-connect.js";
import { startCommand } from "./commands/start.js";
import { stopCommand } from "./commands/stop.js";
import { testCommand } from "./commands/test.js";
import { waitCommand } from "./commands/wait.js";

/** Every command of `vm`, for what is told of all of them. One that runs loads its own alone. */
export const declarations: Readonly<Record<CommandName, CommandDeclaration>> = {
  cache: cacheCommand,
  clone: cloneCommand,
  completion: completionCommand,
  config: configCommand,
  console: consoleCommand,
  cp: cpCommand,
  create: createCommand,
  decode: decodeCommand,
  disk: diskCommand,
  doctor: doctorCommand,
  dump: dumpCommand,
  edit: editCommand,
  events: eventsCommand,
  exec: execCommand,
  export: exportCommand,
  forward: forwardCommand,
  gdb: gdbCommand,
  import: importCommand,
  info: infoCommand,
  install: installCommand,
  kconfig: kconfigCommand,
  kernel: kernelCommand,
  list: listCommand,
  logs: logsCommand,
  mcp: mcpCommand,
  modules: modulesCommand,
  "modules-package": modulesPackageCommand,
  mount: mountCommand,
  pause: pauseCommand,
  qmp: qmpCommand,
  rename: renameCommand,
  report: reportCommand,
  resize: resizeCommand,
  restart: restartCommand,
  resume: resumeCommand,
  rm: rmCommand,
  run: runCommand,
  "serve-cells": serveCellsCommand,
  set: setCommand,
  shell: shellCommand,
  snapshot: snapshotCommand,
  ssh: sshCommand,
  "ssh-config": sshConfigCommand,
  "ssh-connect": sshConnectCommand,
  start: startCommand,
  stop: stopCommand,
  test: testCommand,
  wait: waitCommand,
};
