import { codedError } from "@vm/command-plan";
import { parseKernelParameters } from "@vm/qemu-argv";

/** Which guest has to obey them: the embedded one, that one with systemd, or a command in a VM. */
export type ParameterReader = "embedded" | "embedded-systemd" | "vm-command";

/** Parameters that decide what is ours to decide, each with what to do instead. */
interface TakenParameters {
  readonly names: readonly string[];
  readonly by: readonly ParameterReader[];
  readonly what: string;
  readonly hint: string;
}

const embedded: readonly ParameterReader[] = ["embedded", "embedded-systemd"];
const systemd: readonly ParameterReader[] = ["embedded-systemd", "vm-command"];

/** Sources: Documentation/admin-guide/kernel-parameters.rst; kernel-command-line(7), systemd-run-generator(8), systemd-debug-generator(8). */
const TAKEN: readonly TakenParameters[] = [
  {
    names: ["init"],
    by: embedded,
    what: "what the guest's kernel starts is the command's own shell",
    hint: "Give the command with --exec; --systemd starts systemd.",
  },
  {
    names: ["root", "rootfstype", "rootflags", "nfsroot"],
    by: embedded,
    what: "the guest's root is a directory of the host",
    hint: "Name it with --root DIRECTORY, or use a VM with a disk: vm run NAME -k KERNEL.",
  },
  {
    names: ["rw"],
    by: embedded,
    what: "the guest's root is below an overlay in memory, to which it writes",
    hint: "Leave it out; --rw DIRECTORY shares a directory for writing.",
  },
  {
    names: ["vm.modules"],
    by: embedded,
    what: "the guest has the modules of the kernel that it boots, and no others",
    hint: "Leave it out.",
  },
  {
    names: ["systemd.unit", "rescue", "emergency", "single", "s", "S", "1", "2", "3", "4", "5", "-b"],
    by: systemd,
    what: "the unit that systemd starts is the command's",
    hint: "Start others in the command: systemctl start UNIT.",
  },
  {
    names: ["systemd.run", "systemd.run_success_action", "systemd.run_failure_action"],
    by: systemd,
    what: "systemd runs the command, and nothing else",
    hint: "Give the command with --exec.",
  },
  {
    names: ["systemd.wants", "systemd.debug_shell"],
    by: ["embedded-systemd"],
    what: "the target that would want it is not started",
    hint: "Start it in the command: systemctl start UNIT.",
  },
];

const RDINIT: Omit<TakenParameters, "by"> = {
  names: ["rdinit"],
  what: "there is no initramfs of your own (-i)",
  hint: "Name the initramfs that has it with -i.",
};

/**
 * Parameters of the person's that would do nothing, or keep the command from being run, are refused by their names.
 *
 * @param initrd `own`: an initramfs of the person's, in which their `rdinit=` may be
 * @throws `KERNEL_PARAMETER_TAKEN`; `KERNEL_CMDLINE_INVALID`
 */
export function checkTakenParameters(
  texts: readonly string[],
  reader: ParameterReader,
  initrd: "own" | "none",
): void {
  const taken = [
    ...TAKEN.filter(({ by }) => by.includes(reader)),
    ...(reader === "vm-command" || initrd === "own" ? [] : [RDINIT]),
  ];
  for (const parameter of texts.flatMap(parseKernelParameters)) {
    const name = nameOf(parameter);
    const found = taken.find(({ names }) => names.includes(name));
    if (found === undefined) continue;
    throw codedError(
      "KERNEL_PARAMETER_TAKEN",
      `The kernel parameter ${JSON.stringify(parameter)} cannot be given here: ${found.what}.`,
      { hint: found.hint },
    );
  }
}

/** To the kernel and to systemd a dash in a name is an underscore. */
function nameOf(parameter: string): string {
  const [name = ""] = parameter.split("=", 1);
  return name.startsWith("-") ? name : name.replaceAll("-", "_");
}
