import { codedError } from "@vm/command-plan";

/**
 * A release of Linux, as `uname -r` has it. It becomes a part of paths and an argument of programs, and comes out of trees, images and
 * packages that nobody has looked at: so it is one word with no slash, and begins like no option. The length is that of utsname(2).
 */
const release = /^[\w.+~][\w.+~-]{0,63}$/;

/** Whether a text is a release that may stand in a path. */
export function isRelease(text: string): boolean {
  return release.test(text) && text !== "." && text !== "..";
}

/**
 * The same text, where it is a release.
 * @param origin what says so: a file's path
 * @throws RELEASE_INVALID
 */
export function checkedRelease(text: string, origin: string): string {
  if (isRelease(text)) return text;
  throw codedError(
    "RELEASE_INVALID",
    `${origin} says that its release is ${JSON.stringify(text.slice(0, 100))}: expected at most 64 letters, digits and . _ + ~ -`,
    {
      hint: "No build of Linux makes such a release: the file is damaged, or made to write outside of its place. Build the kernel again.",
    },
  );
}
