import { quoteShell } from "@vm/command-plan";
import type { Installation } from "../installation.js";
import { type DatabaseEntry, databaseEntry } from "../package-database.js";
import { packageIdentity } from "../package-info.js";
import type { Section } from "../section.js";
import { command, withInput, writeFile, type Statement } from "../shell-text.js";
import { PACMAN_CONFIGURATION, WORK_DIRECTORY } from "../work-directory.js";

const LINE_LENGTH = 76;
/** Of the repository, and of its files. */
const NAME = "arch-install";
/** pacman's cache in the new system: what lies there already is not copied. */
const CACHE = "/mnt/var/cache/pacman/pkg";

/** The function's name. */
export const LOCAL_PACKAGES = "unpack_local_packages";

/** Packages that no repository has: the script carries them as base64. */
export function localPackagesSection({ localPackages }: Installation): Section | undefined {
  if (localPackages.length === 0) return undefined;
  return {
    name: LOCAL_PACKAGES,
    title: `Unpack ${localPackages.map((each) => packageIdentity(each).name).join(", ")}`,
    body: [
      command("mkdir", "--parents", CACHE),
      ...localPackages.map(({ fileName, content }) => decode(`${CACHE}/${fileName}`, content)),
    ],
  };
}

/** The configuration with which pacman finds all packages, those of the script included. */
export function pacmanConfiguration({ localPackages }: Pick<Installation, "localPackages">): string {
  return localPackages.length === 0 ? PACMAN_CONFIGURATION : `${WORK_DIRECTORY}/${NAME}.conf`;
}

/** The repository of the packages that the script carries, but for the packages. */
export function localRepository(installation: Installation): readonly Statement[] {
  const entries = installation.localPackages.map((each) => databaseEntry(each));
  if (entries.length === 0) return [];
  return [
    "# The first of all repositories. What this script carries needs no signature.",
    writeFile(
      pacmanConfiguration(installation),
      `[${NAME}]\nSigLevel = Never\nServer = file://${WORK_DIRECTORY}\n\n[options]\nInclude = ${PACMAN_CONFIGURATION}\n`,
    ),
    ...makeDatabase(entries),
  ];
}

/** A database as repo-add(8) would make it: it is there in the live system, but takes longer than all of this. */
function makeDatabase(entries: readonly DatabaseEntry[]): readonly Statement[] {
  return [
    command("mkdir", ...entries.map(({ directory }) => `${WORK_DIRECTORY}/${directory}`)),
    ...entries.map(({ directory, desc }) => writeFile(`${WORK_DIRECTORY}/${directory}/desc`, desc)),
    command(
      "tar",
      "--create",
      `--file=${WORK_DIRECTORY}/${NAME}.db`,
      `--directory=${WORK_DIRECTORY}`,
      "--remove-files",
      ...entries.map(({ directory }) => directory),
    ),
  ];
}

/** pacstrap, which takes over the databases by which the packages were checked. The new system does not know of the script's own. */
export function pacstrap(installation: Installation): readonly Statement[] {
  return [
    "mkdir --parents /mnt/var/lib/pacman",
    `cp --archive ${WORK_DIRECTORY}/sync /mnt/var/lib/pacman/`,
    `pacstrap "$keyring" -C ${pacmanConfiguration(installation)} /mnt "\${packages[@]}"`,
    ...(installation.localPackages.length === 0
      ? []
      : [command("rm", `/mnt/var/lib/pacman/sync/${NAME}.db`)]),
  ];
}

function decode(path: string, content: Uint8Array): Statement {
  const text = Buffer.from(content).toString("base64");
  const lines = text.replaceAll(new RegExp(`.{1,${LINE_LENGTH}}`, "g"), "$&\n");
  return withInput(`base64 --decode > ${quoteShell(path)}`, lines);
}
