import { createHash } from "node:crypto";
import { type ArchiveEntry, renderTar, withDirectories } from "./archive.js";
import { compress } from "./compression.js";

/** A package of Debian, before it is bytes. */
export interface DebContent {
  /** The fields of its control file in their order, but for `Installed-Size`, which comes after the maintainer. See deb-control(5). */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly files: readonly ArchiveEntry[];
  /** Seconds since 1970: the time of everything in it. */
  readonly epochSeconds: number;
  /** Compresses the files in another way than gzip. `suffix`: of the member's name, such as `.zst`. */
  readonly packed?: { readonly suffix: string; compress(tar: Uint8Array): Uint8Array };
}

/** A package for `dpkg -i`: an ar archive of two tar archives, see deb(5). */
export async function renderDeb({ fields, files, epochSeconds, packed }: DebContent): Promise<Uint8Array> {
  const tar = (entries: readonly ArchiveEntry[]): Promise<Uint8Array> =>
    renderTar(
      [{ path: ".", mode: 0o755 }, ...entries.map((entry) => ({ ...entry, path: `./${entry.path}` }))],
      { mtimeSeconds: epochSeconds },
    );
  const data = await tar(withDirectories(files));
  return renderAr(
    [
      { name: "debian-binary", content: Buffer.from("2.0\n") },
      { name: "control.tar.gz", content: compress(await tar(controlFiles(fields, files)), "gzip") },
      {
        name: `data.tar${packed?.suffix ?? ".gz"}`,
        content: packed?.compress(data) ?? compress(data, "gzip"),
      },
    ],
    epochSeconds,
  );
}

function controlFiles(fields: DebContent["fields"], files: readonly ArchiveEntry[]): ArchiveEntry[] {
  const installedKiB = files.reduce((sum, { content }) => sum + Math.ceil((content?.length ?? 0) / 1024), 0);
  const control = fields.flatMap(([name, value]) => [
    `${name}: ${value}`,
    ...(name === "Maintainer" ? [`Installed-Size: ${installedKiB}`] : []),
  ]);
  const digests = files.flatMap(({ path, content }) =>
    content === undefined ? [] : [`${createHash("md5").update(content).digest("hex")}  ${path}`],
  );
  return [
    { path: "control", mode: 0o644, content: Buffer.from(`${control.join("\n")}\n`) },
    { path: "md5sums", mode: 0o644, content: Buffer.from(`${digests.join("\n")}\n`) },
  ];
}

/** The common ar format, see ar(5): a header of 60 bytes a member, each member at an even offset. */
function renderAr(
  members: readonly { readonly name: string; readonly content: Uint8Array }[],
  epochSeconds: number,
): Uint8Array {
  const parts = members.flatMap(({ name, content }) => {
    const columns: readonly (readonly [string, number])[] = [
      [name, 16],
      [String(epochSeconds), 12],
      ["0", 6],
      ["0", 6],
      ["100644", 8],
      [String(content.length), 10],
    ];
    const header = columns.map(([value, width]) => value.padEnd(width)).join("");
    return [Buffer.from(`${header}\`\n`), content, Buffer.from(content.length % 2 === 0 ? "" : "\n")];
  });
  return Buffer.concat([Buffer.from("!<arch>\n"), ...parts]);
}
