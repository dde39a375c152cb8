export { cacheRoom, makeCacheRoom } from "./cache-room.js";
export { abandonedDrafts, removedName, withDraft, withDraftUntil } from "./cache-draft.js";
export {
  type CacheEntry,
  cacheEntries,
  cacheRoomNames,
  type CacheRoomName,
  diskUsage,
} from "./cache-size.js";
export { daysUnused, keptDays, noteUse, removeStale } from "./cache-use.js";
export {
  lockedArgv,
  lockFile,
  type LockAnswer,
  type LockWish,
  noFlock,
  tryLock,
  type Unlock,
} from "./file-lock.js";
export { compressedPositions, decompress, type Decompressed, formatAt } from "./compression.js";
export { isDirectory, isFile } from "./file-kind.js";
export { fingerprint } from "./fingerprint.js";
export { foreignOwner, foreignWriter } from "./owner.js";
export { isOnLocalFileSystem } from "./local-file-system.js";
export { lockReach, type LockedMount, type LockReach } from "./lock-reach.js";
export { makeDirectory } from "./make-directory.js";
export { outputOf, type ProgramOutput, type ProgramRun, runForOutput } from "./program-output.js";
export { isWithin } from "./path-within.js";
export { randomName } from "./random-name.js";
export {
  checkRegular,
  openRegular,
  openSeen,
  readableText,
  readRegular,
  readRegularText,
  type ReadLimits,
} from "./regular-file.js";
export {
  runUnpacker,
  type UnpackLimits,
  type UnpackerEnd,
  type UnpackerRun,
  unpackLimits,
} from "./unpacker.js";
