/**
 * A share of which the guest must not see all, or may not write all: what QEMU or virtiofsd gets in its place is a view of
 * it, in a mount namespace of their own. See guest/vm-view.
 */
export interface ShareView {
  /** The share's. */
  readonly id: string;
  /** What is shared: absolute, with no link in it. */
  readonly source: string;
  /** Where the view is. */
  readonly place: string;
  /** fstab(5) of what is mounted in the view. */
  readonly table: string;
}
