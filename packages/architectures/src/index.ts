export type { Architecture, ArchitectureFacts, ElfMachine, GuestFacts } from "./facts.js";
export { knownArchitectures } from "./table.js";
export {
  architectureOfElf,
  architectureOfVmlinux,
  findArchitecture,
  findGuest,
  isSameToolchain,
  runsPrograms,
} from "./lookup.js";
export type { ElfHeader, ElfSegment } from "./elf-header.js";
export { elfHeaderBytes, parseElfHeader, parseElfSegments } from "./elf-header.js";
