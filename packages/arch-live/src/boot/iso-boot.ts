import { closeSync, openSync, readSync, statSync } from "node:fs";
import { codedError, errorCode } from "@vm/command-plan";
import { type BootEntry, chooseEntry, readBootEntries } from "./boot-entry.js";
import { listMembers, readMembers } from "./bsdtar.js";

/** Where archiso has the configuration of its boot loaders, in the order in which they are asked. */
const CONFIGURATIONS: readonly RegExp[] = [
  /^loader\/entries\/[^/]+\.conf$/,
  /^(arch\/)?boot\/syslinux\/[^/]+\.cfg$/,
  /^(syslinux|isolinux)\/[^/]+\.cfg$/,
  /^(boot\/grub|EFI\/BOOT)\/[^/]+\.cfg$/i,
];

/**
 * How an image of Arch Linux's live system (archiso) is booted: read with bsdtar(1) from its own boot loaders. Reads only.
 * @throws BSDTAR_NOT_FOUND, ISO_UNREADABLE, ISO_NOT_ARCH; the reason of `signal`
 */
export async function readIsoBoot(
  iso: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<BootEntry> {
  checkIso(iso);
  const members = await listMembers(iso, { signal });
  if (members === undefined) {
    throw codedError("ISO_UNREADABLE", `${iso}: bsdtar cannot read it`, {
      hint: "It may be cut off: check its size and its checksum.",
    });
  }
  const files = CONFIGURATIONS.flatMap((pattern) =>
    [...members].filter((name) => pattern.test(name)).toSorted(),
  );
  const entries: BootEntry[] = [];
  for (const name of files)
    entries.push(...readBootEntries(await readMembers(iso, [escapePattern(name)], { signal })));
  const entry = chooseEntry(
    entries.filter(({ kernel, initramfs }) => members.has(kernel) && members.has(initramfs)),
  );
  if (entry !== undefined) return entry;
  throw codedError(
    "ISO_NOT_ARCH",
    `${iso} is no image of Arch Linux's live system: no boot loader in it starts one`,
    {
      hint: "Expected an entry with the parameter archisobasedir=, as on archlinux-DATE-x86_64.iso.",
    },
  );
}

/** bsdtar takes the names for patterns of glob(7). */
export function escapePattern(name: string): string {
  return name.replaceAll(/[\\*?[\]]/g, String.raw`\$&`);
}

/** ECMA-119: the volume descriptors begin at the sector 16 of 2,048 bytes, each with `CD001` behind its first byte. */
function checkIso(path: string): void {
  const magic = Buffer.alloc(5);
  try {
    const kind = statSync(path);
    // A drive may hold one; a FIFO would wait for its writer.
    if (!kind.isFile() && !kind.isBlockDevice() && !kind.isDirectory()) throw new Error("it is no file");
    const fd = openSync(path, "r");
    try {
      readSync(fd, magic, 0, magic.length, 16 * 2048 + 1);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    const code = errorCode(cause);
    const reason =
      code === "ENOENT"
        ? "there is no such file"
        : code === "EISDIR"
          ? "it is a directory"
          : cause instanceof Error
            ? cause.message
            : String(cause);
    throw codedError("ISO_UNREADABLE", `${path} cannot be read: ${reason}`, { cause });
  }
  if (magic.toString("latin1") === "CD001") return;
  throw codedError("ISO_UNREADABLE", `${path} is no ISO 9660 image`, {
    hint: "Was it downloaded as a whole? The size and the checksum are on archlinux.org/download.",
  });
}
