import { resolve } from "node:path";
import type { GdbEndpoint } from "@vm/guest-run";
import { requestError } from "../request/request-error.js";

/** Where gdb's stub listens; `socket` is the guest's own place for one, when nothing is said. @throws `REQUEST_INVALID` */
export function gdbEndpoint(
  wanted: GdbEndpoint | undefined,
  { cwd, socket }: { readonly cwd: string; readonly socket: string },
): GdbEndpoint {
  if (wanted?.kind === "port") return wanted;
  return { kind: "socket", path: checked(wanted === undefined ? socket : resolve(cwd, wanted.path)) };
}

/** unix(7): sun_path holds 108 bytes with its NUL. */
const maxSocketPath = 107;

/** gdb takes a name with a colon for a host and a port, and what stands behind a line break for a command. */
function checked(path: string): string {
  const fault =
    Buffer.byteLength(path) > maxSocketPath
      ? `is longer than the ${maxSocketPath} bytes of a socket's path`
      : /[:\n]/.test(path)
        ? "has a character that gdb does not take in a socket's path"
        : undefined;
  if (fault === undefined) return path;
  throw requestError("debug.gdb.endpoint", `${path} ${fault}`, "Give another path, or a port: --gdb 1234.");
}
