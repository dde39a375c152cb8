import type { CommandEntry } from "./command-module.js";

/** The subcommands, in the order of the help text. */
export const commandTable: readonly CommandEntry[] = [
  entry("create", "create a virtual machine with a blank disk", () => import("./commands/create.js")),
  entry("import", "create a virtual machine of a disk image", () => import("./commands/import.js")),
  entry("run", "run a virtual machine, or boot a kernel of this host", () => import("./commands/run.js")),
  entry(
    "start",
    "start a virtual machine, or the embedded guest, in the background",
    () => import("./commands/start.js"),
  ),
  entry("stop", "power off guests in the background", () => import("./commands/stop.js")),
  entry(
    "restart",
    "power off a guest in the background, and start it again",
    () => import("./commands/restart.js"),
  ),
  entry(
    "console",
    "attach to the console of a guest in the background",
    () => import("./commands/console.js"),
  ),
  entry(
    "logs",
    "print what the console of a guest in the background said",
    () => import("./commands/logs.js"),
  ),
  entry("pause", "let a guest in the background stand still", () => import("./commands/pause.js")),
  entry("resume", "let a paused guest go on", () => import("./commands/resume.js")),
  entry(
    "wait",
    "wait until a guest in the background is up, exits or panics",
    () => import("./commands/wait.js"),
  ),
  entry(
    "events",
    "print what happens to a guest in the background, as JSON lines",
    () => import("./commands/events.js"),
  ),
  entry(
    "qmp",
    "send a command to a guest's QEMU, and print its answer as JSON",
    () => import("./commands/qmp.js"),
  ),
  entry("exec", "run a command in a guest that runs", () => import("./commands/exec.js")),
  entry("shell", "a shell in a guest that runs", () => import("./commands/shell.js")),
  entry("cp", "copy files into a guest that runs, or out of it", () => import("./commands/cp.js")),
  entry("ssh", "ssh to a guest that runs, with no network", () => import("./commands/ssh.js")),
  entry(
    "ssh-config",
    "print what ssh, rsync and editors need to know of guests that run",
    () => import("./commands/ssh-config.js"),
  ),
  entry(
    "forward",
    "lead a port of this machine into a guest that runs",
    () => import("./commands/forward.js"),
  ),
  entry("mount", "mount a directory of a guest that runs, by sshfs", () => import("./commands/mount.js")),
  entry(
    "ssh-connect",
    "connect standard input and output with a guest's ssh server (for ssh's ProxyCommand)",
    () => import("./commands/ssh-connect.js"),
  ),
  entry(
    "install",
    "install Arch Linux on a virtual machine, unattended",
    () => import("./commands/install.js"),
  ),
  entry(
    "test",
    "run commands on many kernels, each in a guest of its own, and report",
    () => import("./commands/test.js"),
  ),
  entry(
    "decode",
    "show what a kernel complained of in a log, with the lines of its source",
    () => import("./commands/decode.js"),
  ),
  entry("gdb", "start gdb on a running virtual machine's kernel", () => import("./commands/gdb.js")),
  entry(
    "dump",
    "write a running virtual machine's memory to a file, for crash and drgn",
    () => import("./commands/dump.js"),
  ),
  entry("config", "print a virtual machine's configuration as JSON", () => import("./commands/config.js")),
  entry("export", "print a virtual machine as libvirt's domain", () => import("./commands/export.js")),
  {
    ...entry(
      "list",
      "list the virtual machines, and embedded guests that run: state, kernel, disk, memory, ssh",
      () => import("./commands/list.js"),
    ),
    alias: "ls",
  },
  entry(
    "info",
    "show one virtual machine, or a guest that runs: state, kernel, disks, memory, ssh",
    () => import("./commands/info.js"),
  ),
  entry("clone", "copy a virtual machine, or link a new one to it", () => import("./commands/clone.js")),
  entry("rename", "give a virtual machine another name", () => import("./commands/rename.js")),
  entry("set", "change a virtual machine's CPUs or memory", () => import("./commands/set.js")),
  entry(
    "edit",
    "edit a virtual machine's configuration, checked before it counts",
    () => import("./commands/edit.js"),
  ),
  entry("disk", "add, remove or list a virtual machine's disks", () => import("./commands/disk.js")),
  entry("resize", "make a virtual machine's disk larger", () => import("./commands/resize.js")),
  entry(
    "snapshot",
    "keep moments of a virtual machine's disks, and go back to them",
    () => import("./commands/snapshot.js"),
  ),
  entry("rm", "remove a virtual machine and its disks", () => import("./commands/rm.js")),
  entry(
    "kernel",
    "show a kernel's image, release and modules; unpack or build it",
    () => import("./commands/kernel.js"),
  ),
  entry(
    "modules",
    "show a kernel's modules, and whether a guest can load them",
    () => import("./commands/modules.js"),
  ),
  entry("report", "show what came of tests in several runs of vm test", () => import("./commands/report.js")),
  entry(
    "kconfig",
    "merge configuration fragments, and check a kernel's configuration",
    () => import("./commands/kconfig.js"),
  ),
  entry(
    "modules-package",
    "write the package that mounts the host's modules in a guest",
    () => import("./commands/modules-package.js"),
  ),
  entry(
    "cache",
    "list what is kept of builds and downloads, and remove it",
    () => import("./commands/cache.js"),
  ),
  entry(
    "mcp",
    "serve agents and editors: the Model Context Protocol on standard input and output",
    () => import("./commands/mcp.js"),
  ),
  entry(
    "doctor",
    "try what vm needs on this machine, and say what repairs it",
    () => import("./commands/doctor.js"),
  ),
  entry("completion", "print the script that completes vm's words in bash, zsh or fish", async () =>
    (await import("./commands/completion.js")).completionOf(commandTable),
  ),
];

function entry(name: string, summary: string, load: CommandEntry["load"]): CommandEntry {
  return { name, summary, load };
}
