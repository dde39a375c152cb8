/** Where the script keeps its own files while it runs, in memory: nothing of it is on the new system. */
export const WORK_DIRECTORY = "/run/arch-install";

/** pacman's configuration, fit for what the script does with it. */
export const PACMAN_CONFIGURATION: string = `${WORK_DIRECTORY}/pacman.conf`;
