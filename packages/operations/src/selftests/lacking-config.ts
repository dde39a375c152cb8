import { join } from "node:path";
import { isFile, readRegularText } from "@vm/host-files";
import { lostOptions, parseConfig, readFragments } from "@vm/kconfig";

/** A target whose fragment a kernel does not have all of. */
export interface LackingConfig {
  readonly target: string;
  /** The fragment, absolute. */
  readonly file: string;
  /** `CONFIG_X=y`, each. */
  readonly options: readonly string[];
}

/** @param source the kernel source that the selftests are of */
export function lackingConfig(
  source: string,
  targets: readonly string[],
  configFile: string,
): LackingConfig[] {
  const config = parseConfig(readRegularText(configFile));
  return targets.flatMap((target): LackingConfig[] => {
    const file = join(source, "tools/testing/selftests", target, "config");
    if (!isFile(file)) return [];
    const options = lostOptions(readFragments([file], { cwd: source }), config)
      // A module does as well: the guest loads it.
      .filter(({ value, found }) => !(value === "y" && found === "m") && !(value === "m" && found === "y"))
      .map(({ option, value }) => `${option}=${value}`);
    return options.length === 0 ? [] : [{ target, file, options }];
  });
}
