// What packages of Debian and Arch Linux are made of, for those who have files of their own to put into one.
export type { ArchiveEntry } from "./archive.js";
export { renderTar, withDirectories } from "./archive.js";
export { compress } from "./compression.js";
export { type DebContent, renderDeb } from "./deb-archive.js";
export type { PackageMetadata } from "./package-metadata.js";
export { type PacmanContent, renderPacmanTar } from "./pacman-archive.js";
