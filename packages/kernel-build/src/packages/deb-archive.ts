import { readSync } from "node:fs";

/** A part of a `.deb`, which is an archive of ar. */
export interface DebMember {
  /** `control.tar.xz`, `data.tar.zst`... */
  readonly name: string;
  /** Where its bytes begin. */
  readonly offset: number;
  readonly size: number;
}

/** The members of a `.deb` (deb(5)); those that are whole only. The descriptor is not moved. */
export function debMembers(descriptor: number): DebMember[] {
  const members: DebMember[] = [];
  const head = Buffer.alloc(60);
  for (let at = 8; readSync(descriptor, head, 0, head.length, at) === head.length;) {
    const name = head.toString("latin1", 0, 16).trimEnd().replace(/\/$/, "");
    const size = Number(head.toString("latin1", 48, 58).trimEnd());
    if (head.toString("latin1", 58, 60) !== "`\n" || !Number.isSafeInteger(size) || size < 0) break;
    members.push({ name, offset: at + head.length, size });
    at += head.length + size + (size % 2);
  }
  return members;
}
