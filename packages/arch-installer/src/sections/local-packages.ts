import type { Installation } from "../installation.js";
import type { Section } from "../section.js";
import { command, withInput, type Statement } from "../shell-text.js";
import { quoteShell } from "@vm/command-plan";

const LINE_LENGTH = 76;
const DIRECTORY = "/var/cache/pacman/pkg";

/** The function's name. */
export const LOCAL_PACKAGES = "install_local_packages";

/** Packages that no repository has: the script carries them as base64. */
export function localPackagesSection({ localPackages }: Installation): Section | undefined {
  if (localPackages.length === 0) return undefined;
  const names = localPackages.map(({ fileName }) => fileName.replace(/(-[^-]+){3}\.pkg\.tar.*$/, ""));
  return {
    name: LOCAL_PACKAGES,
    title: `Install ${names.join(", ")}`,
    body: [
      command("mkdir", "--parents", `/mnt${DIRECTORY}`),
      ...localPackages.map(({ fileName, content }): Statement =>
        withInput(`base64 --decode > ${quoteShell(`/mnt${DIRECTORY}/${fileName}`)}`, base64Lines(content)),
      ),
      `arch-chroot /mnt pacman --upgrade --noconfirm ${command(...localPackages.map(({ fileName }) => `${DIRECTORY}/${fileName}`))}`,
    ],
  };
}

function base64Lines(content: Uint8Array): string {
  const text = Buffer.from(content).toString("base64");
  return text.replaceAll(new RegExp(`.{1,${LINE_LENGTH}}`, "g"), "$&\n");
}
