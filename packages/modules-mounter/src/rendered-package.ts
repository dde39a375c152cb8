/** A package as bytes, before it is written anywhere. */
export interface RenderedPackage {
  readonly fileName: string;
  readonly content: Uint8Array;
}

export interface PacmanPackage extends RenderedPackage {
  /** The `.PKGINFO` in it: what a repository's database is made of. */
  readonly info: string;
}
