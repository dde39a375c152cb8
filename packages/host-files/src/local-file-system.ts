import { statfsSync } from "node:fs";

/** ext, xfs, btrfs, tmpfs, overlay, f2fs, zfs, bcachefs: what statfs(2) calls them (linux/magic.h). */
const localTypes: ReadonlySet<number> = new Set([
  0xef_53, 0x58_46_53_42, 0x91_23_68_3e, 0x01_02_19_94, 0x79_4c_76_30, 0xf2_f5_20_10, 0x2f_c1_2f_c1,
  0xca_45_1a_4e,
]);

/** Whether a directory is on a file system of this machine alone; false where another one may have mounted it, and where nobody knows. */
export function isOnLocalFileSystem(directory: string): boolean {
  try {
    return localTypes.has(statfsSync(directory).type);
  } catch {
    return false;
  }
}
