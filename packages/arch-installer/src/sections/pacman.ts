import type { Installation } from "../installation.js";
import { followClock } from "../mirror-clock.js";
import type { Section } from "../section.js";
import { command, writeFile } from "../shell-text.js";
import { PACMAN_CONFIGURATION, WORK_DIRECTORY } from "../work-directory.js";

/** Only the keyring of a live system (archiso has /run/archiso) is ever made anew. */
export function pacmanSection(installation: Installation): Section {
  const mirrorlist = installation.pacmanMirrors.map((mirror) => `Server = ${mirror}\n`).join("");
  return {
    name: "prepare_pacman",
    title: "Prepare pacman: mirrors, clock, keyring",
    body: [
      "local clock_was_wrong=no levels state",
      "# archiso's reflector would write a list of its own over this one. pacstrap copies it to the new system.",
      "if [[ -d /run/systemd/system && -e /usr/lib/systemd/system/reflector.service ]]; then",
      "  systemctl stop reflector.service",
      "fi",
      writeFile("/etc/pacman.d/mirrorlist", mirrorlist),
      "",
      "# pacman 7 downloads as another user, in a sandbox that needs a kernel with Landlock. pacstrap does without as well.",
      command("rm", "--recursive", "--force", WORK_DIRECTORY),
      command("mkdir", WORK_DIRECTORY),
      `sed 's/^[[:space:]]*DownloadUser/#&/' /etc/pacman.conf > ${PACMAN_CONFIGURATION}`,
      "",
      ...followClock(installation),
      "",
      "levels=$(pacman-conf SigLevel)",
      "if [[ $levels == *PackageRequired* ]]; then",
      "  # The new system gets a keyring of its own: this one's has a secret key in it.",
      "  keyring=-K",
      "  # archiso looks for newer keys on the web once it is up. Two programs cannot work on one keyring.",
      "  if [[ -d /run/archiso && -e /usr/lib/systemd/system/archlinux-keyring-wkd-sync.timer ]]; then",
      "    systemctl stop archlinux-keyring-wkd-sync.timer archlinux-keyring-wkd-sync.service",
      "  fi",
      "  # archiso makes its keyring at boot, but waits for a time server first: behind a proxy that is for ever.",
      "  state=$(systemctl show --property=ActiveState --value pacman-init.service 2> /dev/null) || state=unknown",
      "  if [[ $state == activating ]]; then",
      "    systemctl start pacman-init.service",
      "    state=active",
      "  fi",
      "  if [[ $state != active || $clock_was_wrong == yes ]]; then",
      "    if [[ -d /run/archiso ]]; then",
      "      systemctl stop pacman-init.service",
      "      # Keys made at the wrong time are worth nothing.",
      "      gpgconf --homedir /etc/pacman.d/gnupg --kill all",
      "      find /etc/pacman.d/gnupg -mindepth 1 -delete",
      "    fi",
      "    pacman-key --init",
      "    pacman-key --populate",
      "  fi",
      "  # Packages may be signed with keys that are newer than the live system. Another distribution has its own package.",
      "  if pacman --query archlinux-keyring > /dev/null 2>&1; then",
      `    pacman --config ${PACMAN_CONFIGURATION} --sync --refresh --needed --noconfirm archlinux-keyring`,
      "  fi",
      "fi",
    ],
  };
}
