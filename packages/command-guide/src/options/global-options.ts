import type { OptionGroup } from "../command-declaration.js";

/** What every command takes, before its name or behind it. */
export const globalGroup: OptionGroup = {
  heading: "Every command:",
  options: [
    ["--quiet", "neither progress nor remarks on standard error: warnings and errors alone"],
    ["--verbose", "print each program that was started, and its time, on standard error"],
    ["--no-color", "no colours, also on a terminal (so does NO_COLOR in the environment)"],
  ],
};
