/**
 * Whether a text is a path at which a directory of the host can be mounted in the guest: absolute, with nothing in it that a link or a mount
 * would read otherwise, and none of those that the guest's kernel fills itself.
 */
export function isGuestPath(text: string): boolean {
  return (
    /^(?:\/[^/\0]+)+$/.test(text) &&
    !/\/\.{1,2}(?:\/|$)/.test(text) &&
    !/^\/(?:proc|sys|dev)$|^\/(?:proc|sys)\//.test(text)
  );
}
