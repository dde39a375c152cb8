import type { OptionGroup } from "../command-declaration.js";

/** What the configuration of `-k git:REVISION` depends on, for a command that compiles nothing. */
export const gitConfigurationGroup: OptionGroup = {
  heading: "How git:REVISION is built:",
  options: [
    ["--fragments <names>", "configuration fragments, separated by commas (default: qemu,small)"],
    [
      "--base <config>",
      "the configuration they are merged into: a target of make, or a file (default: defconfig)",
    ],
    ["--arch <arch>", "build it for arm64, riscv64... (default: $ARCH, else the host's)"],
  ],
};

/** How `-k git:REVISION` is built. */
export const gitGroup: OptionGroup = {
  ...gitConfigurationGroup,
  options: [
    ["-j, --jobs <number>", "parallel compile jobs (default: one per CPU)"],
    ...gitConfigurationGroup.options,
  ],
};
