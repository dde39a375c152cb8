import { statfsSync } from "node:fs";

/** Less than this is no room for anything that an image grows by. */
const NO_ROOM_BYTES = 1_048_576;

/** Whether a guest's image can grow no more: QEMU stops the guest then, and says so to nobody. What is reserved for root is room for root. */
export function isDiskFull(directory: string): boolean {
  const { bavail, bfree, bsize } = statfsSync(directory);
  return (process.getuid?.() === 0 ? bfree : bavail) * bsize < NO_ROOM_BYTES;
}
