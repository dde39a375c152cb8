import { architectureNamed, architectures } from "@vm/qemu-argv";
import { usageError } from "../usage-error.js";

/** The name of an architecture that is asked for with `--arch`, by any of its names. */
export function checkArch(name: string): string {
  const facts = architectureNamed(name);
  if (facts !== undefined) return facts.name;
  const known = architectures.map((each) => each.name).join(", ");
  throw usageError(`--arch: there is no architecture '${name}' here`, `There are ${known}.`);
}
