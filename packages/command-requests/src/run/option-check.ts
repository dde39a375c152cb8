import { isRevision } from "@vm/kernel-build";
import { isDirectoryShare } from "../option-values.js";
import { usageError } from "../usage-error.js";
import type { GitKernelOptions, RunOptions } from "./run-options.js";

/** What `vm run` is asked for: a command or a shell in the embedded guest, a command in a VM, or a VM on this terminal. */
export type RunForm = "command" | "shell" | "vm-command" | "vm";

/** The forms that honour an option; elsewhere it is refused. With `needs` it also has to have that. */
interface OptionUse {
  /** As the person types it. */
  readonly flag: string;
  readonly forms: readonly RunForm[];
  readonly needs?: "kernel" | "git";
}

const everywhere: readonly RunForm[] = ["command", "shell", "vm-command", "vm"];
const watched: readonly RunForm[] = ["command", "shell", "vm-command"];
const named: readonly RunForm[] = ["vm-command", "vm"];
const embedded: readonly RunForm[] = ["command", "shell"];

/** Every option of `vm run`: none is taken and does nothing. */
export const runOptionUses: Readonly<Record<keyof RunOptions, OptionUse>> = {
  kernel: { flag: "-k", forms: everywhere },
  initrd: { flag: "-i", forms: everywhere, needs: "kernel" },
  append: { flag: "-a", forms: everywhere, needs: "kernel" },
  busybox: { flag: "--busybox", forms: everywhere, needs: "kernel" },
  accel: { flag: "--accel", forms: everywhere },
  share: { flag: "--share", forms: everywhere, needs: "kernel" },
  qemu: { flag: "--qemu", forms: everywhere },
  dryRun: { flag: "-n", forms: everywhere },
  exec: { flag: "--exec", forms: everywhere },
  env: { flag: "--env", forms: watched },
  shell: { flag: "--shell", forms: everywhere },
  tty: { flag: "-t", forms: watched },
  stdin: { flag: "--no-stdin", forms: ["command", "vm-command"] },
  timeout: { flag: "--timeout", forms: watched },
  bootTimeout: { flag: "--boot-timeout", forms: watched },
  failOn: { flag: "--fail-on", forms: watched },
  bisect: { flag: "--bisect", forms: watched },
  console: { flag: "--console", forms: everywhere },
  full: { flag: "--full", forms: everywhere },
  onFail: { flag: "--on-fail", forms: ["command"] },
  report: { flag: "--report", forms: watched },
  junit: { flag: "--junit", forms: watched },
  root: { flag: "--root", forms: embedded },
  rw: { flag: "--rw", forms: embedded },
  ro: { flag: "--ro", forms: embedded },
  expose: { flag: "--expose", forms: embedded },
  user: { flag: "--user", forms: embedded },
  systemd: { flag: "--systemd", forms: embedded },
  ephemeral: { flag: "--ephemeral", forms: named },
  cpus: { flag: "-c", forms: everywhere },
  memory: { flag: "-m", forms: everywhere },
  network: { flag: "--network", forms: embedded },
  name: { flag: "--name", forms: embedded },
  gdb: { flag: "--gdb", forms: everywhere },
  gdbWait: { flag: "--gdb-wait", forms: everywhere },
  dump: { flag: "--dump", forms: everywhere },
  trace: { flag: "--trace", forms: everywhere, needs: "kernel" },
  jobs: { flag: "-j", forms: everywhere, needs: "git" },
  fragments: { flag: "--fragments", forms: everywhere, needs: "git" },
  base: { flag: "--base", forms: everywhere, needs: "git" },
  arch: { flag: "--arch", forms: everywhere, needs: "git" },
};

/** What a run with this name and these options is. */
function runForm(name: string | undefined, { exec, shell }: Pick<RunOptions, "exec" | "shell">): RunForm {
  if (name === undefined) return exec === undefined ? "shell" : "command";
  return exec === undefined && shell === undefined ? "vm" : "vm-command";
}

/** @throws USAGE, naming the first option that this run would take without doing anything with it */
export function checkRunOptions(name: string | undefined, options: RunOptions): void {
  const form = runForm(name, options);
  for (const [key, value] of Object.entries(options)) {
    const use = isRunOption(key) ? runOptionUses[key] : undefined;
    // `stdin` is the option's other side: it is there unless --no-stdin is given.
    if (use === undefined || value === undefined || (key === "stdin" && value === true)) continue;
    if (!use.forms.includes(form)) throw refusal(use, form);
    if (use.needs === "kernel" && options.kernel === undefined) {
      throw usageError(`${use.flag} needs -k: only a kernel from the host takes it`);
    }
  }
  const directory = name === undefined ? undefined : options.share?.find((value) => isDirectoryShare(value));
  if (directory !== undefined) throw refusal({ flag: `--share ${directory}`, forms: embedded }, form);
  if (options.initrd !== undefined && options.busybox !== undefined) {
    throw usageError(
      "--busybox is for an initramfs that vm makes, and -i names one",
      "Leave one of them out.",
    );
  }
  checkGitOptions(options.kernel === undefined ? [] : [options.kernel], options);
}

function isRunOption(key: string): key is keyof RunOptions {
  return Object.hasOwn(runOptionUses, key);
}

function refusal({ flag, forms }: OptionUse, form: RunForm): Error {
  if (forms === embedded) {
    return usageError(
      `${flag} is for the embedded guest, which has no name`,
      "A virtual machine has its own configuration; QEMU's options can also stand after --.",
    );
  }
  if (flag === "--on-fail" && form === "vm-command") {
    return usageError(
      "--on-fail is for the embedded guest, which has no disk of its own",
      "Leave the name out; a VM that is started with vm start stays when a command in it fails.",
    );
  }
  if (forms === named) {
    return usageError(
      `${flag} is for a virtual machine with a name`,
      "The embedded guest has no disk, and cannot change this machine's root.",
    );
  }
  if (form === "shell")
    return usageError(
      `${flag} is not for a shell, which reads from the terminal`,
      "Without one, give a command with --exec.",
    );
  return usageError(
    `${flag} is for a command in the guest`,
    "Add --exec COMMAND; without it the virtual machine runs on this terminal.",
  );
}

/** How a revision is built says nothing of another kernel. @throws USAGE, naming the option */
export function checkGitOptions(
  kernels: readonly string[],
  { jobs, fragments, base, arch }: GitKernelOptions,
): void {
  if (kernels.some(isRevision)) return;
  const flags = { "-j": jobs, "--fragments": fragments, "--base": base, "--arch": arch };
  const given = Object.entries(flags).find(([, value]) => value !== undefined)?.[0];
  if (given === undefined) return;
  throw usageError(
    `${given} says how git:REVISION is built, and there is none`,
    "Leave it out, or name a revision.",
  );
}
