import type { CommandEntry } from "./command-module.js";

/** The subcommands, in the order of the help text. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: "create",
    summary: "create a virtual machine with a blank disk",
    load: () => import("./commands/create.js"),
  },
  {
    name: "import",
    summary: "create a virtual machine of a disk image",
    load: () => import("./commands/import.js"),
  },
  {
    name: "run",
    summary: "run a virtual machine, or boot a kernel of this host",
    load: () => import("./commands/run.js"),
  },
  {
    name: "start",
    summary: "start a virtual machine, or the embedded guest, in the background",
    load: () => import("./commands/start.js"),
  },
  {
    name: "stop",
    summary: "power off guests in the background",
    load: () => import("./commands/stop.js"),
  },
  {
    name: "restart",
    summary: "power off a guest in the background, and start it again",
    load: () => import("./commands/restart.js"),
  },
  {
    name: "console",
    summary: "attach to the console of a guest in the background",
    load: () => import("./commands/console.js"),
  },
  {
    name: "logs",
    summary: "print what the console of a guest in the background said",
    load: () => import("./commands/logs.js"),
  },
  {
    name: "pause",
    summary: "let a guest in the background stand still",
    load: () => import("./commands/pause.js"),
  },
  {
    name: "resume",
    summary: "let a paused guest go on",
    load: () => import("./commands/resume.js"),
  },
  {
    name: "wait",
    summary: "wait until a guest in the background is up, exits or panics",
    load: () => import("./commands/wait.js"),
  },
  {
    name: "events",
    summary: "print what happens to a guest in the background, as JSON lines",
    load: () => import("./commands/events.js"),
  },
  {
    name: "qmp",
    summary: "send a command to a guest's QEMU, and print its answer as JSON",
    load: () => import("./commands/qmp.js"),
  },
  {
    name: "exec",
    summary: "run a command in a guest that runs",
    load: () => import("./commands/exec.js"),
  },
  {
    name: "shell",
    summary: "a shell in a guest that runs",
    load: () => import("./commands/shell.js"),
  },
  {
    name: "cp",
    summary: "copy files into a guest that runs, or out of it",
    load: () => import("./commands/cp.js"),
  },
  {
    name: "ssh",
    summary: "ssh to a guest that runs, with no network",
    load: () => import("./commands/ssh.js"),
  },
  {
    name: "ssh-config",
    summary: "print what ssh, rsync and editors need to know of guests that run",
    load: () => import("./commands/ssh-config.js"),
  },
  {
    name: "forward",
    summary: "lead a port of this machine into a guest that runs",
    load: () => import("./commands/forward.js"),
  },
  {
    name: "mount",
    summary: "mount a directory of a guest that runs, by sshfs",
    load: () => import("./commands/mount.js"),
  },
  {
    name: "ssh-connect",
    summary: "connect standard input and output with a guest's ssh server (for ssh's ProxyCommand)",
    load: () => import("./commands/ssh-connect.js"),
  },
  {
    name: "install",
    summary: "install Arch Linux on a virtual machine, unattended",
    load: () => import("./commands/install.js"),
  },
  {
    name: "test",
    summary: "run commands on many kernels, each in a guest of its own, and report",
    load: () => import("./commands/test.js"),
  },
  {
    name: "decode",
    summary: "show what a kernel complained of in a log, with the lines of its source",
    load: () => import("./commands/decode.js"),
  },
  {
    name: "gdb",
    summary: "start gdb on a running virtual machine's kernel",
    load: () => import("./commands/gdb.js"),
  },
  {
    name: "dump",
    summary: "write a running virtual machine's memory to a file, for crash and drgn",
    load: () => import("./commands/dump.js"),
  },
  {
    name: "config",
    summary: "print a virtual machine's configuration as JSON",
    load: () => import("./commands/config.js"),
  },
  {
    name: "export",
    summary: "print a virtual machine as libvirt's domain",
    load: () => import("./commands/export.js"),
  },
  {
    name: "list",
    alias: "ls",
    summary: "list the virtual machines, and embedded guests that run: state, kernel, disk, memory, ssh",
    load: () => import("./commands/list.js"),
  },
  {
    name: "info",
    summary: "show one virtual machine, or a guest that runs: state, kernel, disks, memory, ssh",
    load: () => import("./commands/info.js"),
  },
  {
    name: "clone",
    summary: "copy a virtual machine, or link a new one to it",
    load: () => import("./commands/clone.js"),
  },
  {
    name: "rename",
    summary: "give a virtual machine another name",
    load: () => import("./commands/rename.js"),
  },
  {
    name: "set",
    summary: "change a virtual machine's CPUs or memory",
    load: () => import("./commands/set.js"),
  },
  {
    name: "edit",
    summary: "edit a virtual machine's configuration, checked before it counts",
    load: () => import("./commands/edit.js"),
  },
  {
    name: "disk",
    summary: "add, remove or list a virtual machine's disks",
    load: () => import("./commands/disk.js"),
  },
  {
    name: "resize",
    summary: "make a virtual machine's disk larger",
    load: () => import("./commands/resize.js"),
  },
  {
    name: "snapshot",
    summary: "keep moments of a virtual machine's disks, and go back to them",
    load: () => import("./commands/snapshot.js"),
  },
  {
    name: "rm",
    summary: "remove a virtual machine and its disks",
    load: () => import("./commands/rm.js"),
  },
  {
    name: "kernel",
    summary: "show a kernel's image, release and modules; unpack or build it",
    load: () => import("./commands/kernel.js"),
  },
  {
    name: "modules",
    summary: "show a kernel's modules, and whether a guest can load them",
    load: () => import("./commands/modules.js"),
  },
  {
    name: "report",
    summary: "show what came of tests in several runs of vm test",
    load: () => import("./commands/report.js"),
  },
  {
    name: "kconfig",
    summary: "merge configuration fragments, and check a kernel's configuration",
    load: () => import("./commands/kconfig.js"),
  },
  {
    name: "modules-package",
    summary: "write the package that mounts the host's modules in a guest",
    load: () => import("./commands/modules-package.js"),
  },
  {
    name: "cache",
    summary: "list what is kept of builds and downloads, and remove it",
    load: () => import("./commands/cache.js"),
  },
  {
    name: "mcp",
    summary: "serve agents and editors: the Model Context Protocol on standard input and output",
    load: () => import("./commands/mcp.js"),
  },
  {
    name: "doctor",
    summary: "try what vm needs on this machine, and say what repairs it",
    load: () => import("./commands/doctor.js"),
  },
  {
    name: "completion",
    summary: "print the script that completes vm's words in bash, zsh or fish",
    load: async () => (await import("./commands/completion.js")).completionOf(commandTable),
  },
];
