/** Options of a kernel by full name, as `.config` writes them (`y`, `m`, `"text"`); absent: not set. */
export type KernelOptions = { readonly [option: string]: string };
