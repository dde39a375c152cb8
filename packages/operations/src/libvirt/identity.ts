import { createHash } from "node:crypto";

/** What tells a domain from others, derived of where its machine is: always the same for the same machine. */
export interface DomainIdentity {
  readonly uuid: string;
  readonly macAddress: (index: number) => string;
}

/**
 * @param home the directory of virtual machines; absolute
 * @param name the machine's
 */
export function domainIdentity(home: string, name: string): DomainIdentity {
  const digest = (what: string): Buffer =>
    createHash("sha256").update(["vm", what, home, name].join("\0")).digest();
  return { uuid: uuidOf(digest("uuid")), macAddress: (index) => macOf(digest(`mac ${index}`)) };
}

/** Version 8, of one's own making (RFC 9562, 5.8). */
function uuidOf(digest: Buffer): string {
  const bytes = Buffer.from(digest.subarray(0, 16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Behind QEMU's prefix; its own first address, 12:34:56, is what every guest has that is given none. */
function macOf(digest: Buffer): string {
  return ["52", "54", "00", ...[0, 1, 2].map((at) => digest.toString("hex", at, at + 1))].join(":");
}
