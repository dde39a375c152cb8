import type { Command } from "commander";

const group = "How git:REVISION is built:";

/** Adds the options that say how `-k git:REVISION` is built. */
export function addGitOptions(command: Command): Command {
  return addGitConfigurationOptions(
    command.optionsGroup(group).option("-j, --jobs <number>", "parallel compile jobs (default: one per CPU)"),
  );
}

/** Adds those that its configuration depends on to a command that compiles nothing. */
export function addGitConfigurationOptions(command: Command): Command {
  return command
    .optionsGroup(group)
    .option("--fragments <names>", "configuration fragments, separated by commas (default: qemu,small)")
    .option(
      "--base <config>",
      "the configuration they are merged into: a target of make, or a file (default: defconfig)",
    )
    .option("--arch <arch>", "build it for arm64, riscv64... (default: $ARCH, else the host's)");
}
