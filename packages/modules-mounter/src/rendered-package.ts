/** A package as bytes, before it is written anywhere. */
export interface RenderedPackage {
  readonly fileName: string;
  readonly content: Uint8Array;
}
