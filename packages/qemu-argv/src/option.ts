/** A value that JSON can hold. Integers over 2 ** 53 lose digits as a number, and want a bigint; `parseArgv` gives none back. */
export type JsonValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/**
 * `key=value` of an option; `null` for a key that stands alone (`readonly`). Values are as QEMU understands them:
 * commas are doubled only when rendered. An array of pairs, not an object: keys repeat and order counts.
 */
export type Property = readonly [key: string, value: string | null];

/** How the flag was typed: QEMU takes `-m` and `--m` alike. Absent: one dash. */
interface Flag {
  /** Without dashes: `m`, `drive`, `S`. */
  readonly flag: string;
  readonly dashes?: "--";
}

/** A flag alone: `-S`. */
export interface SwitchOption extends Flag {}

/** A flag with a plain value, whose commas mean nothing: `-kernel /a,b/bzImage`. */
export interface ValueOption extends Flag {
  readonly value: string;
}

/** A flag with a head and properties: `-device virtio-rng-pci,id=rng0`. */
export interface PropertyOption extends Flag {
  readonly head?: string;
  readonly props: readonly Property[];
}

/** A flag whose value is JSON: `-device '{"driver":"virtio-rng-pci"}'`. */
export interface JsonOption extends Flag {
  readonly json: { readonly [key: string]: JsonValue };
}

/** A bare argument: a disk image, which QEMU takes as its first hard disk. */
export interface ImageOption {
  readonly image: string;
}

/** One option of a QEMU command line, as data. */
export type QemuOption = SwitchOption | ValueOption | PropertyOption | JsonOption | ImageOption;
