import type { VirtioBus } from "./architecture/facts.js";
import { chardev } from "./chardev-options.js";
import { checkId } from "./identifier.js";
import { device } from "./machine-options.js";
import type { Property, PropertyOption } from "./option.js";
import { qemuArgvError } from "./qemu-argv-error.js";

/** A directory of the host for the guest to mount over 9p. */
export interface VirtfsShare {
  /** Each share needs its own: QEMU makes the fsdev's id of it. */
  readonly id: string;
  readonly path: string;
  /** What the guest mounts: `mount -t 9p -o trans=virtio TAG DIR`. At most 31 bytes. */
  readonly mountTag: string;
  readonly access: "read-only" | "read-write";
  /** Whose owners and modes the guest sees and sets. Default `none`: those of the host, as the user that runs QEMU. */
  readonly securityModel?: "none" | "passthrough" | "mapped-xattr" | "mapped-file";
  /** What to do when the directory spans file systems, whose inode numbers may clash; QEMU's own default is `warn`. */
  readonly multidevs?: "remap" | "forbid" | "warn";
}

/** `-virtfs local,id=modules,path=/src/linux,mount_tag=modules,security_model=none,readonly=on`. */
export function virtfsShare(share: VirtfsShare): PropertyOption {
  const { id, path, mountTag, access, securityModel = "none", multidevs } = share;
  if (path === "") throw qemuArgvError("QEMU_VALUE_INVALID", `The share "${id}" has an empty path.`);
  const props: Property[] = [
    ["id", checkId(id)],
    ["path", path],
    ["mount_tag", checkMountTag(mountTag, 31)],
    ["security_model", securityModel],
  ];
  if (access === "read-only") props.push(["readonly", "on"]);
  if (multidevs !== undefined) props.push(["multidevs", multidevs]);
  return { flag: "virtfs", head: "local", props };
}

/**
 * The same share on a machine's own bus. QEMU's short form, `-virtfs`, puts the device on PCI on every machine, which a kernel
 * for s390x need not have: there it is `-fsdev local,...` with `-device virtio-9p-ccw,...`.
 */
export function virtfsShareOn(bus: VirtioBus, share: VirtfsShare): PropertyOption[] {
  const short = virtfsShare(share);
  if (bus === "pci") return [short];
  return [
    { flag: "fsdev", head: "local", props: short.props.filter(([key]) => key !== "mount_tag") },
    {
      flag: "device",
      head: `virtio-9p-${bus}`,
      props: [
        ["fsdev", share.id],
        ["mount_tag", share.mountTag],
      ],
    },
  ];
}

/** A directory of the host that a virtiofsd shares, for the guest to mount over virtiofs. */
export interface VirtiofsShare {
  /** Each share needs its own: the chardev's id is made of it. */
  readonly id: string;
  /** The socket on which the virtiofsd listens. */
  readonly socket: string;
  /** What the guest mounts: `mount -t virtiofs TAG DIR`. At most 36 bytes. */
  readonly mountTag: string;
}

/**
 * `-chardev socket,id=modules,path=...,server=off -device vhost-user-fs-pci,chardev=modules,tag=modules`. The guest's memory
 * has to be shared with the virtiofsd: see `sharedMemory`.
 */
export function virtiofsShare(bus: VirtioBus, { id, socket, mountTag }: VirtiofsShare): PropertyOption[] {
  return [
    chardev({ backend: "socket", id, path: socket, role: "client" }),
    device(`vhost-user-fs-${bus}`, [
      ["chardev", id],
      ["tag", checkMountTag(mountTag, 36)],
    ]),
  ];
}

/** The tag, when the device takes it: 1 to 31 bytes (hw/9pfs/9p.h, MAX_TAG_LEN), or 36 (include/standard-headers/linux/virtio_fs.h). */
function checkMountTag(tag: string, most: number): string {
  const bytes = new TextEncoder().encode(tag).length;
  if (bytes >= 1 && bytes <= most) return tag;
  throw qemuArgvError(
    "QEMU_VALUE_INVALID",
    `The mount tag "${tag}" has ${bytes} bytes; QEMU takes 1 to ${most}.`,
    `Choose a shorter tag; it need not be the path.`,
  );
}
