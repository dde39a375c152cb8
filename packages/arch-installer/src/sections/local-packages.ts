import { quoteShell } from "@vm/command-plan";
import type { Installation } from "../installation.js";
import { type DatabaseEntry, databaseEntry } from "../package-database.js";
import { packageIdentity } from "../package-info.js";
import type { Section } from "../section.js";
import { command, withInput, writeFile, type Statement } from "../shell-text.js";

const LINE_LENGTH = 76;
/** Of the repository, and of its files. */
const NAME = "arch-install";
/** pacman's cache in the new system: what lies there already is not copied. */
const DIRECTORY = "/mnt/var/cache/pacman/pkg";
const CONFIGURATION = `${DIRECTORY}/${NAME}.conf`;
const DATABASE = `${DIRECTORY}/${NAME}.db`;

/** The function's name. */
export const LOCAL_PACKAGES = "unpack_local_packages";

/** Packages that no repository has: the script carries them as base64, and makes a repository of them. */
export function localPackagesSection({ localPackages }: Installation): Section | undefined {
  if (localPackages.length === 0) return undefined;
  const entries = localPackages.map((each) => databaseEntry(each));
  return {
    name: LOCAL_PACKAGES,
    title: `Unpack ${localPackages.map((each) => packageIdentity(each).name).join(", ")}`,
    body: [
      command("mkdir", "--parents", ...entries.map(({ directory }) => `${DIRECTORY}/${directory}`)),
      "# The first of all repositories. What this script carries needs no signature.",
      writeFile(
        CONFIGURATION,
        `[${NAME}]\nSigLevel = Never\nServer = file://${DIRECTORY}\n\n[options]\nInclude = /etc/pacman.conf\n`,
      ),
      ...makeDatabase(entries),
      ...localPackages.map(({ fileName, content }) => decode(`${DIRECTORY}/${fileName}`, content)),
    ],
  };
}

/** A database as repo-add(8) would make it: it is there in the live system, but takes longer than all of this. */
function makeDatabase(entries: readonly DatabaseEntry[]): readonly Statement[] {
  return [
    ...entries.map(({ directory, desc }) => writeFile(`${DIRECTORY}/${directory}/desc`, desc)),
    command(
      "tar",
      "--create",
      `--file=${DATABASE}`,
      `--directory=${DIRECTORY}`,
      "--remove-files",
      ...entries.map(({ directory }) => directory),
    ),
  ];
}

/** pacstrap, with the repository of the packages that the script carries. The new system does not know of that. */
export function pacstrap({ localPackages }: Installation): readonly Statement[] {
  if (localPackages.length === 0) return ['pacstrap /mnt "${packages[@]}"'];
  return [
    `pacstrap -C ${CONFIGURATION} /mnt "\${packages[@]}"`,
    command("rm", CONFIGURATION, DATABASE, `/mnt/var/lib/pacman/sync/${NAME}.db`),
  ];
}

function decode(path: string, content: Uint8Array): Statement {
  const text = Buffer.from(content).toString("base64");
  const lines = text.replaceAll(new RegExp(`.{1,${LINE_LENGTH}}`, "g"), "$&\n");
  return withInput(`base64 --decode > ${quoteShell(path)}`, lines);
}
