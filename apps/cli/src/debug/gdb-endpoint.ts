import { resolve } from "node:path";
import type { GdbEndpoint } from "@vm/guest-run";
import { usageError } from "../usage-error.js";

/** Where `--gdb WHERE` listens; `socket` is the guest's own place for one, when nothing is said. */
export function parseGdbEndpoint(
  where: string | true | undefined,
  { cwd, socket }: { readonly cwd: string; readonly socket: string },
): GdbEndpoint {
  if (where === undefined || where === true) return { kind: "socket", path: checked(socket) };
  if (where.includes("/")) return { kind: "socket", path: checked(resolve(cwd, where)) };
  const port = Number(where);
  if (/^\d+$/.test(where) && port >= 1 && port <= 65_535) return { kind: "port", port };
  throw usageError(
    `--gdb: expected a port, or a path with a slash, got '${where}'`,
    "Without a place it stands last, or in front of another option: vm run NAME -k KERNEL --gdb",
  );
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
  throw usageError(`--gdb: ${path} ${fault}`, "Give another path, or a port: --gdb 1234.");
}
