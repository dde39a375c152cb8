/** A file, directory or symbolic link of an archive, owned by root. A directory has neither content nor link. */
export interface ArchiveEntry {
  /** Relative, without a trailing slash; at most 100 bytes, or 255 where a slash divides it well. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly content?: Uint8Array;
  /** What a symbolic link leads to. */
  readonly link?: string;
}

const BLOCK_BYTES = 512;

/**
 * A tar archive in the ustar format, with the entries in the order given. Everything in it comes from the arguments: no file
 * system, no user and no clock is asked, so the same entries give the same bytes everywhere.
 */
export async function renderTar(
  entries: readonly ArchiveEntry[],
  { mtimeSeconds }: { readonly mtimeSeconds: number },
): Promise<Uint8Array> {
  const { Header } = await import("tar");
  const blocks: Uint8Array[] = [];
  for (const { path, mode, content, link } of entries) {
    const size = content?.length ?? 0;
    const isDirectory = content === undefined && link === undefined;
    const header = new Header({
      path: isDirectory ? `${path}/` : path,
      mode,
      uid: 0,
      gid: 0,
      uname: "root",
      gname: "root",
      size,
      mtime: new Date(mtimeSeconds * 1000),
      type: isDirectory ? "Directory" : link === undefined ? "File" : "SymbolicLink",
      ...(link === undefined ? {} : { linkpath: link }),
    });
    const block = Buffer.alloc(BLOCK_BYTES);
    if (header.encode(block, 0)) throw new Error(`${path} does not fit into a ustar header`);
    blocks.push(block);
    if (content !== undefined) {
      blocks.push(content, Buffer.alloc((BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES));
    }
  }
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]);
}

/** The files, with an entry for every directory above them, sorted as makepkg does: by bytes. */
export function withDirectories(files: readonly ArchiveEntry[]): ArchiveEntry[] {
  const byPath = new Map<string, ArchiveEntry>();
  for (const file of files) {
    const parts = file.path.split("/");
    for (let depth = 1; depth < parts.length; depth += 1) {
      const path = parts.slice(0, depth).join("/");
      byPath.set(path, { path, mode: 0o755 });
    }
    byPath.set(file.path, file);
  }
  return [...byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
