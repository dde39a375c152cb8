import { quoteShell } from "@vm/command-plan";
import { partitionDevice } from "./disk-layout.js";
import { checkInstallation } from "./installation-check.js";
import type { Installation } from "./installation.js";
import { clockFunctions } from "./mirror-clock.js";
import { PROGRESS_MARK } from "./progress.js";
import type { Section } from "./section.js";
import { bootLoaderSection } from "./sections/boot-loader.js";
import { checkSection } from "./sections/check.js";
import { commandsSection } from "./sections/commands.js";
import { finishSection } from "./sections/finish.js";
import { fstabSection } from "./sections/fstab.js";
import { LOCAL_PACKAGES, localPackagesSection } from "./sections/local-packages.js";
import { localeSection } from "./sections/locale.js";
import { networkSection } from "./sections/network.js";
import { packageCheckSection } from "./sections/package-check.js";
import { packagesSection } from "./sections/packages.js";
import { pacmanSection } from "./sections/pacman.js";
import { questionsSection } from "./sections/questions.js";
import { servicesSection } from "./sections/services.js";
import { storageSection } from "./sections/storage.js";
import { timeSection } from "./sections/time.js";
import { usersSection } from "./sections/users.js";
import { shellFunction, WRITE_FILE } from "./shell-text.js";

/**
 * The script for bash(1) that installs Arch Linux, to be run as root in its live system. It is the same for the same
 * installation, everywhere.
 * @throws `INSTALL_OPTION_INVALID` for values that cannot be installed
 */
export function renderScript(installation: Installation): string {
  checkInstallation(installation);
  const sections = sectionsOf(installation);
  const text = [
    header(installation),
    PROGRESS,
    WRITE_FILE,
    ...(asks(installation) ? [HAS_TERMINAL] : []),
    ...clockFunctions(installation),
    ...functions(sections),
    main(sections),
  ].join("\n");
  const shebang = "#!/usr/bin/env bash\n";
  return `${shebang}${directives(text)}${text}`;
}

function sectionsOf(installation: Installation): readonly Section[] {
  return [
    checkSection(installation),
    questionsSection(installation),
    pacmanSection(installation),
    packageCheckSection(installation),
    storageSection(installation),
    localPackagesSection(installation),
    packagesSection(installation),
    fstabSection(installation),
    localeSection(installation),
    timeSection(installation),
    networkSection(installation),
    servicesSection(installation),
    usersSection(installation),
    bootLoaderSection(installation),
    commandsSection(installation),
    finishSection(),
  ].filter((section) => section !== undefined);
}

function asks({ wipe, rootPassword }: Installation): boolean {
  return wipe === "ask" || rootPassword.kind === "ask";
}

function header({ hostname, rootDev, httpProxy, proxyExcept, rootPassword }: Installation): string {
  const proxies = [
    ...(httpProxy === undefined
      ? []
      : [`http_proxy=${quoteShell(httpProxy)}`, `https_proxy=${quoteShell(httpProxy)}`]),
    ...(proxyExcept === undefined ? [] : [`no_proxy=${quoteShell(proxyExcept)}`]),
  ];
  return `# Installs Arch Linux on ${rootDev}, for the host ${hostname}. Made by arch-install.
# To be run as root in the live system of Arch Linux: bash FILE. It stops where something fails, and can be run again.
set -euo pipefail
set -o errtrace
shopt -s inherit_errexit
umask 022
export LC_ALL=C.UTF-8
${proxies.map((assignment) => `export ${assignment}\n`).join("")}
host_name=${quoteShell(hostname)}
root_device=${quoteShell(rootDev)}
root_partition=${quoteShell(partitionDevice(rootDev, 1))}
# What pacstrap does about the keyring: with -G nothing, where packages need no signatures.
keyring=-G
${rootPassword.kind === "ask" ? "root_password=\n" : ""}`;
}

/** parseProgress reads the lines that these print. */
const PROGRESS = `# Programs that follow the installation look for lines that begin with "${PROGRESS_MARK.trim()}".
current_section='Start'
reason=interrupted

section() {
  current_section=$1
  printf '${PROGRESS_MARK}%s\\n' "$1"
}

die() {
  reason=$*
  exit 1
}

say_where_it_failed() {
  local status=$?
  if ((status != 0)); then
    printf '${PROGRESS_MARK}failed: %s: %s (status %d)\\n' "$current_section" "$reason" "$status" >&2
  fi
}

# Only the first line of a command: what follows may be a file, or a password.
remember_failure() {
  reason="line $1: \${2%%$'\\n'*}"
}

trap 'remember_failure "$LINENO" "$BASH_COMMAND"' ERR
trap say_where_it_failed EXIT
`;

const HAS_TERMINAL = `has_terminal() {
  { : > /dev/tty; } 2> /dev/null
}
`;

/** The functions of the sections; packages that the script carries come last, being long and no reading matter. */
function functions(sections: readonly Section[]): readonly string[] {
  return sections
    .map(({ name, title, body }, index) => {
      const announcement = `section ${quoteShell(`[${index + 1}/${sections.length}] ${title}`)}`;
      return { isLong: name === LOCAL_PACKAGES, text: shellFunction(name, [announcement, ...body]) };
    })
    .toSorted((a, b) => Number(a.isLong) - Number(b.isLong))
    .map(({ text }) => text);
}

/** In a function, so that all of the script is read before any of it runs, wherever it comes from. */
function main(sections: readonly Section[]): string {
  const body = [
    ...sections.map(({ name }) => name),
    `printf '${PROGRESS_MARK}done: %s is installed on %s\\n' "$host_name" "$root_device"`,
  ];
  return `${shellFunction("main", body)}
main
`;
}

/** What shellcheck would take for a slip in words that are meant exactly as they stand. */
function directives(text: string): string {
  const slips = { SC1003: /\\'/, SC1112: /[\u2018\u2019]/, SC2016: /'[^'\n]*[$`]/, SC2088: /'~/ };
  const codes = Object.entries(slips).flatMap(([code, slip]) => (slip.test(text) ? [code] : []));
  return codes.length === 0 ? "" : `# shellcheck disable=${codes.join(",")}\n`;
}
