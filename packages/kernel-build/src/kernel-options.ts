/** Options of a kernel by full name, as `.config` writes them (`y`, `m`, `"text"`). One that is absent is not set. */
export type KernelOptions = { readonly [option: string]: string };
