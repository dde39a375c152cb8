/**
 * A pacman.conf(5) for Arch Linux's repositories, whatever the host's own is for. The mirrors are those that the script
 * writes into /etc/pacman.d/mirrorlist.
 */
export const ARCH_PACMAN_CONFIGURATION = `[options]
Architecture = x86_64
SigLevel = Required DatabaseOptional
LocalFileSigLevel = Optional

[core]
Include = /etc/pacman.d/mirrorlist

[extra]
Include = /etc/pacman.d/mirrorlist
`;
