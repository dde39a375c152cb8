import type { Installation } from "../installation.js";
import { packageGroups } from "../package-group.js";
import type { Section } from "../section.js";
import { command } from "../shell-text.js";
import { WORK_DIRECTORY } from "../work-directory.js";
import { localRepository, pacmanConfiguration } from "./local-packages.js";

/** Before anything is changed: whether there are all packages, and all that they need. */
export function packageCheckSection(installation: Installation): Section {
  const groups = packageGroups(installation).flatMap(({ reason, packages }) => [
    `  # ${reason}`,
    `  ${command(...packages)}`,
  ]);
  const pacman = `pacman --config ${pacmanConfiguration(installation)} --dbpath ${WORK_DIRECTORY}`;
  return {
    name: "check_packages",
    title: "Check the packages",
    body: [
      "local complaint",
      "packages=(",
      ...groups,
      ")",
      ...localRepository(installation),
      "# Into a database of its own, in which nothing is installed: this is about the new system.",
      `if ! complaint=$(${pacman} --sync --refresh --print --noconfirm "\${packages[@]}" 2>&1 > /dev/null); then`,
      `  printf '%s\\n' "$complaint" >&2`,
      `  die "the packages cannot be installed: \${complaint//$'\\n'/; }; nothing was changed"`,
      "fi",
    ],
  };
}
