import type { Installation } from "../installation.js";
import type { Section } from "../section.js";
import { command, writeFile } from "../shell-text.js";

/** A clock that is less wrong than this is left alone. */
const TOLERANCE_SECONDS = 60;

/**
 * Signatures and certificates hold only at the right time. The clock follows a mirror and not NTP, which no HTTP proxy lets
 * through; the mirror is asked without a look at its certificate, which would be refused while the clock is wrong. Someone
 * who forges the answer can at most make old packages current again: what is installed is still checked by signature.
 * Only the keyring of a live system (archiso has /run/archiso) is ever made anew.
 */
export function pacmanSection({ pacmanMirrors }: Installation): Section {
  const origins = [
    ...new Set(pacmanMirrors.flatMap((mirror) => /^https?:\/\/[^/$]+/.exec(mirror)?.[0] ?? [])),
  ];
  return {
    name: "prepare_pacman",
    title: "Prepare pacman: mirrors, clock, keyring",
    body: [
      "local clock_was_wrong=no levels state",
      "# archiso's reflector would write a list of its own over this one. pacstrap copies it to the new system.",
      "if [[ -d /run/systemd/system && -e /usr/lib/systemd/system/reflector.service ]]; then",
      "  systemctl stop reflector.service",
      "fi",
      writeFile("/etc/pacman.d/mirrorlist", pacmanMirrors.map((mirror) => `Server = ${mirror}\n`).join("")),
      "",
      ...(origins.length > 0 ? followClock(origins) : []),
      "",
      "levels=$(pacman-conf SigLevel)",
      "if [[ $levels == *PackageRequired* ]]; then",
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
      "    pacman --sync --refresh --needed --noconfirm archlinux-keyring",
      "  fi",
      "fi",
    ],
  };
}

/** The first mirror that answers is believed. An answer without a Date is none: date(1) would take it for midnight. */
function followClock(origins: readonly string[]): readonly string[] {
  return [
    "local origin date seconds error",
    `local origins=(${command(...origins)})`,
    "# --insecure: at the wrong time, no certificate is valid.",
    "local ask=(curl --silent --head --insecure --max-time 10 --output /dev/null --write-out '%header{date}')",
    'for origin in "${origins[@]}"; do',
    '  date=$("${ask[@]}" "$origin") || continue',
    "  [[ -n $date ]] || continue",
    '  seconds=$(date --utc --date="$date" +%s)',
    "  error=$((seconds - EPOCHSECONDS))",
    `  if ((error > ${TOLERANCE_SECONDS} || error < -${TOLERANCE_SECONDS})); then`,
    '    date --utc --set="@$seconds"',
    "    # A machine may have no clock of its own.",
    "    [[ ! -e /dev/rtc0 ]] || hwclock --systohc --utc --noadjfile",
    "    clock_was_wrong=yes",
    "  fi",
    "  break",
    "done",
  ];
}
