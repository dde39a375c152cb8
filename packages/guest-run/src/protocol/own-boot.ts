import { codedError } from "@vm/command-plan";

const remedies = {
  kernel: "Name the kernel with -k.",
  initrd: "Give it with -i.",
  append: "Put kernel parameters into the configuration's kernelCmdline, or give them with -a.",
} as const;

/** Of two `-append`, `-kernel` or `-initrd` QEMU takes the last one: the guest would not be the one that was asked for. */
export function ownBoot(flag: keyof typeof remedies): Error {
  const code = flag === "append" ? "COMMAND_NEEDS_APPEND" : "BOOT_OPTION_TAKEN";
  const article = flag === "kernel" ? "a" : "an";
  return codedError(code, `The guest cannot be run with ${article} -${flag} of your own.`, {
    hint: remedies[flag],
  });
}
