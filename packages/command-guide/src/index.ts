export type { CommandDeclaration, DeclaredOption, NamedCommand, OptionGroup } from "./command-declaration.js";
export type { ArgumentDescription, CommandDescription, OptionDescription } from "./command-description.js";
export {
  isGlobal,
  splitAtDashes,
  splitLeading,
  takeGlobalOptions,
  type CommandLine,
} from "./command-line.js";
export { commandList, type CommandName } from "./command-list.js";
export { describeInstaller, describeProgram } from "./describe-command.js";
export { globalGroup } from "./options/global-options.js";
export { readEdition } from "./manual/edition.js";
export { cacheCommand } from "./commands/cache.js";
export { cloneCommand } from "./commands/clone.js";
export { completionCommand } from "./commands/completion.js";
export { configCommand } from "./commands/config.js";
export { consoleCommand } from "./commands/console.js";
export { cpCommand } from "./commands/cp.js";
export { createCommand } from "./commands/create.js";
export { decodeCommand } from "./commands/decode.js";
export { diskCommand } from "./commands/disk.js";
export { doctorCommand } from "./commands/doctor.js";
export { dumpCommand } from "./commands/dump.js";
export { editCommand } from "./commands/edit.js";
export { eventsCommand } from "./commands/events.js";
export { execCommand } from "./commands/exec.js";
export { exportCommand } from "./commands/export.js";
export { forwardCommand } from "./commands/forward.js";
export { gdbCommand } from "./commands/gdb.js";
export { importCommand } from "./commands/import.js";
export { infoCommand } from "./commands/info.js";
export { installCommand } from "./commands/install.js";
export { kconfigCommand } from "./commands/kconfig.js";
export { kernelCommand } from "./commands/kernel.js";
export { listCommand } from "./commands/list.js";
export { logsCommand } from "./commands/logs.js";
export { mcpCommand } from "./commands/mcp.js";
export { modulesCommand } from "./commands/modules.js";
export { modulesPackageCommand } from "./commands/modules-package.js";
export { mountCommand } from "./commands/mount.js";
export { pauseCommand } from "./commands/pause.js";
export { qmpCommand } from "./commands/qmp.js";
export { renameCommand } from "./commands/rename.js";
export { reportCommand } from "./commands/report.js";
export { resizeCommand } from "./commands/resize.js";
export { restartCommand } from "./commands/restart.js";
export { resumeCommand } from "./commands/resume.js";
export { rmCommand } from "./commands/rm.js";
export { runCommand } from "./commands/run.js";
export { serveCellsCommand } from "./commands/serve-cells.js";
export { setCommand } from "./commands/set.js";
export { shellCommand } from "./commands/shell.js";
export { snapshotCommand } from "./commands/snapshot.js";
export { sshCommand } from "./commands/ssh.js";
export { sshConfigCommand } from "./commands/ssh-config.js";
export { sshConnectCommand } from "./commands/ssh-connect.js";
export { startCommand } from "./commands/start.js";
export { stopCommand } from "./commands/stop.js";
export { testCommand } from "./commands/test.js";
export { waitCommand } from "./commands/wait.js";
export { completionShells, shellAnswer, type CompletionShell } from "./completion/shell-answer.js";
export { kindOfArgument, kindOfOption, type ValueKind } from "./completion/value-kind.js";
export { commandPage } from "./manual/command-page.js";
export {
  findTopic,
  helpPage,
  helpTopics,
  listTopics,
  manualPageOf,
  type HelpTopic,
} from "./manual/help-topics.js";
export { documentPage, type DocumentPage } from "./manual/markdown-page.js";
export type { Edition } from "./manual/roff.js";
export { writeManual } from "./manual/write-manual.js";
