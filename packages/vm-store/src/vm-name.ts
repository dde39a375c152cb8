import { codedError } from "@vm/command-plan";

/**
 * A file name holds 255 bytes; `create` puts its own mark around the name while it works (see temporary-directory.ts), and
 * paths below the directory must stay under what a unix socket's path holds in ordinary homes.
 */
const MAX_BYTES = 128;

/**
 * Control characters, lone surrogates, line separators, and what turns the direction of writing (a name that lies). Spelled out:
 * properties such as \\p{Cc} take a millisecond to compile.
 */
// oxlint-disable-next-line no-control-regex -- They are what it looks for.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\ud800-\udfff\u2028-\u202e\u2066-\u2069]/u;

/**
 * Checks that a VM may have this name: one printable file name, with no leading dash or dot; spaces, commas, quotes and any
 * alphabet are allowed.
 * @throws VM_NAME_INVALID
 */
export function checkVmName(name: string): void {
  const reason = whyInvalid(name);
  if (reason === undefined) return;
  throw codedError("VM_NAME_INVALID", `${JSON.stringify(name)} cannot be the name of a VM: ${reason}`, {
    hint: "Use one word such as TestVM: it becomes a directory's name.",
  });
}

function whyInvalid(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (name.includes("/")) return "it is a path (it has a slash)";
  if (name.startsWith("-")) return "it begins with a dash, like an option";
  if (name.startsWith(".")) return "it begins with a dot, like a hidden file";
  if (UNPRINTABLE.test(name)) return "it has a control character";
  // Node puts U+FFFD where an argument is not UTF-8: the name that was meant is lost.
  if (name.includes("\ufffd")) return "it is not valid UTF-8";
  if (name !== name.trim()) return "it begins or ends with a space";
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_BYTES) return `it is ${bytes} bytes long, more than ${MAX_BYTES}`;
  return undefined;
}
