import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const forwardCommand: CommandDeclaration = {
  arguments: [
    ["<name>", "name of the guest"],
    ["<ports...>", "[ADDRESS:]PORT:[HOST:]PORT, where it listens and where it leads to"],
  ],
  options: [
    ["--reverse", "the guest listens, and gets to this machine"],
    ["--cancel", "take such a forward back"],
    dryRunOption,
  ],
  notes: `
A forward lasts as long as the guest, or until it is taken back. It listens on 127.0.0.1, for programs of this machine alone, unless an address
stands in front. The guest needs no network card.

Examples:
  vm forward TestVM 8080:80              port 8080 of this machine leads to port 80 of the guest
  vm forward TestVM 0.0.0.0:8080:80      others may use it too
  vm forward --reverse TestVM 3142:3142  port 3142 of the guest leads to port 3142 of this machine
  vm forward --cancel TestVM 8080:80
`,
};
