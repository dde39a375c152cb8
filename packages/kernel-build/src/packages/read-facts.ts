import { bsdtar } from "./bsdtar.js";
import { debFacts } from "./deb-facts.js";
import { plainFacts, type PackageFacts } from "./package-facts.js";
import type { PackageFormat } from "./package-format.js";
import { rpmFacts } from "./rpm-facts.js";

/** What a package says about itself. Throws PACKAGE_UNREADABLE and UNPACKER_MISSING. */
export function readFacts(file: string, format: PackageFormat): PackageFacts {
  switch (format) {
    case "deb":
      return debFacts(file);
    case "rpm":
      return rpmFacts(file);
    case "tar":
      return plainFacts(file, format, bsdtar(["-tf", file], { named: file }).split("\n"));
    default:
      return format satisfies never;
  }
}
