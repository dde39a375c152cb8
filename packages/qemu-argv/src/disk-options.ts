import { checkId } from "./identifier.js";
import type { JsonOption, JsonValue, Property, PropertyOption } from "./option.js";
import { qemuArgvError } from "./qemu-argv-error.js";

/** A disk image as `-drive` takes it. */
export interface Drive {
  /** A path, absolute or relative to QEMU's working directory; never a protocol (`nbd://`): a colon in it is safe. */
  readonly file: string;
  readonly format: "raw" | "qcow2" | (string & {});
  /** `none` for a drive that a `-device` names; `virtio` for one with its device. */
  readonly interface: "none" | "virtio" | "ide" | "scsi" | "pflash" | (string & {});
  readonly id?: string;
  /** Default `read-write`. */
  readonly access?: "read-only" | "read-write";
  /** Any more of QEMU's properties, for example `["cache", "unsafe"]`. */
  readonly props?: readonly Property[];
}

/** `-drive id=root,file=root.qcow2,format=qcow2,if=none`. */
export function drive({ file, format, interface: bus, id, access, props = [] }: Drive): PropertyOption {
  return {
    flag: "drive",
    props: [
      ...(id === undefined ? [] : [["id", checkId(id)] as const]),
      ["file", plainPath(file)],
      ["format", format],
      ["if", bus],
      ...(access === "read-only" ? [["readonly", "on"] as const] : []),
      ...props,
    ],
  };
}

/** A block node in JSON, which needs no escapes: `-blockdev '{"driver":"raw","node-name":"disk",...}'`. */
export function blockdev(
  node: { readonly driver: string } & { readonly [key: string]: JsonValue },
): JsonOption {
  return { flag: "blockdev", json: node };
}

/** A block node over a file of the host; `-device virtio-blk-pci,drive=NODE-NAME` uses it. */
export function fileBlockdev(node: {
  readonly nodeName: string;
  readonly path: string;
  readonly format: "raw" | "qcow2" | (string & {});
  readonly access: "read-only" | "read-write";
}): JsonOption {
  // util/id.c and, for the length, block.c: char node_name[32].
  if (checkId(node.nodeName).length > 31) {
    throw qemuArgvError(
      "QEMU_VALUE_INVALID",
      `The node name "${node.nodeName}" is over 31 characters, QEMU's limit.`,
    );
  }
  return blockdev({
    driver: node.format,
    "node-name": node.nodeName,
    "read-only": node.access === "read-only",
    file: { driver: "file", filename: node.path },
  });
}

/** QEMU takes `a:b` for the protocol `a`, unless a slash comes before the colon (block.c, path_has_protocol). */
function plainPath(path: string): string {
  return /^[^/]*:/.test(path) ? `./${path}` : path;
}
