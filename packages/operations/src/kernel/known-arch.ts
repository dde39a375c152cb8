import { architectureNamed, architectures } from "@vm/qemu-argv";
import { requestError } from "../request/request-error.js";

/** The name of an architecture, by any of its names. @param field what names it @throws `REQUEST_INVALID` */
export function checkArch(name: string, field: string): string {
  const facts = architectureNamed(name);
  if (facts !== undefined) return facts.name;
  const known = architectures.map((each) => each.name).join(", ");
  throw requestError(field, `there is no architecture '${name}' here`, `There are ${known}.`);
}
