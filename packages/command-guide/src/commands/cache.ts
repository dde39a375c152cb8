import type { CommandDeclaration } from "../command-declaration.js";
import { dryRunOption } from "../options/dry-run.js";

export const cacheCommand: CommandDeclaration = {
  notes: `
The cache keeps kernels that were built, unpacked or downloaded, indexes of modules, initramfs images and installation images. What nobody
uses for 30 days goes, and so does what was used longest ago when all of it is larger than cacheLimit of config.json (20G): by itself, when
something is made there. What a guest that runs was given stays.

Examples:
  vm cache list
  vm cache list --json | jq -r '.[] | select(.room == "git") | .path'
  vm cache prune
  vm cache prune --limit 0                 all but what is in use
`,
  commands: [
    {
      name: "list",
      summary: "what is kept, how large it is, and when it was used last",
      options: [["--json", "print a JSON array"], dryRunOption],
    },
    {
      name: "prune",
      summary: "remove what is unused, and what is over the limit",
      options: [
        [
          "--limit <size>",
          "how much may stay: a size, or none (default: cacheLimit in config.json, else 20G)",
        ],
        ["--json", "print what was removed as a JSON document"],
        dryRunOption,
      ],
    },
  ],
};
