import { isOn } from "./boolean-text.js";
import { parseJson, renderJson } from "./json-text.js";
import { blockPlaces, remoteBlockDrivers } from "./path-places.js";
import { lookupIn, rebaseMembers, type Lookup, type RebasePath } from "./path-lookup.js";
import { qemuArgvError } from "./qemu-argv-error.js";

/** QEMU takes what stands before a colon for a protocol, unless a slash comes first (block.c, path_has_protocol). */
const withProtocol = /^([^/:]*):(.*)$/s;

/** A disk image as -hda and `-drive file=` take it: a path, or what a protocol of this host makes of one. */
export function rebaseImage(image: string, rebase: RebasePath): string {
  const [, protocol, rest] = withProtocol.exec(image) ?? [];
  if (protocol === undefined || rest === undefined) return rebase(image);
  switch (protocol) {
    case "file":
    case "host_device":
    case "host_cdrom":
      return `${protocol}:${rebase(rest)}`;
    case "json":
      return `json:${rebaseJsonImage(rest, rebase)}`;
    case "fat":
      return rebaseFat(image, rebase);
    case "nbd":
      return image.replace(
        /^(nbd:unix:)(.*?)(:exportname=.*)?$/s,
        (_, start: string, path: string, end = "") => {
          return start + rebase(path) + String(end);
        },
      );
    case "nbd+unix":
    case "gluster+unix":
      return image.replace(/([?&]socket=)([^&]*)/s, (_, start: string, path: string) => {
        return start + rebaseEncoded(path, rebase);
      });
    case "blkdebug":
    case "blkverify":
      return rebasePair(protocol, rest, rebase);
    default:
      return image;
  }
}

/** `json:{...}` is the block node that -blockdev takes. */
function rebaseJsonImage(text: string, rebase: RebasePath): string {
  const json = parseJson(text);
  if (!(json instanceof Map)) return text;
  const get = lookupIn(json);
  const rebased = renderJson(
    rebaseMembers(json, (key, value) => rebaseBlockProperty({ key, value, get, rebase })),
  );
  return rebased === renderJson(json) ? text : rebased;
}

/** `fat:rw:DIRECTORY`: QEMU takes what follows the last colon (block/vvfat.c). */
function rebaseFat(image: string, rebase: RebasePath): string {
  const end = image.lastIndexOf(":") + 1;
  const directory = rebase(image.slice(end));
  if (!directory.includes(":")) return image.slice(0, end) + directory;
  throw qemuArgvError(
    "QEMU_OPTION_UNWRITABLE",
    `"${image}": the directory "${directory}" holds a colon, which fat: has no way to write.`,
    "Use a directory without a colon in its name.",
  );
}

/** `blkdebug:CONFIG:IMAGE`, `blkverify:RAW:IMAGE`: the first file ends at the first colon (block/blkdebug.c, blkverify.c). */
function rebasePair(protocol: string, rest: string, rebase: RebasePath): string {
  const colon = rest.indexOf(":");
  if (colon === -1) return `${protocol}:${rest}`;
  const first = rebase(rest.slice(0, colon));
  if (first.includes(":")) {
    throw qemuArgvError(
      "QEMU_OPTION_UNWRITABLE",
      `"${protocol}:${rest}": the path "${first}" holds a colon, which ${protocol}: has no way to write.`,
      `Use a directory without a colon in its name, or write it as properties: driver=${protocol}.`,
    );
  }
  return `${protocol}:${first}:${rebaseImage(rest.slice(colon + 1), rebase)}`;
}

/** A path within a URI, whose `%20` is a space. */
function rebaseEncoded(path: string, rebase: RebasePath): string {
  if (path === "" || path.startsWith("/") || path.startsWith("%2")) return path;
  const [base = ""] = rebase("x").split(/x$/);
  return encodeURI(base).replaceAll(/[?#&+;]/g, encodeURIComponent) + path;
}

/** One property of a block node. Its key leads to the node with dots: `file.filename`, `backing.file.server.path`. */
export function rebaseBlockProperty({
  key,
  value,
  get,
  rebase,
}: {
  readonly key: string;
  readonly value: string;
  readonly get: Lookup;
  readonly rebase: RebasePath;
}): string {
  const dot = key.lastIndexOf(".") + 1;
  const [prefix, name] = [key.slice(0, dot), key.slice(dot)];
  if (/(?:^|\.)server\.(?:\d+\.)?$/.test(prefix)) {
    const isUnix = get(`${prefix}type`) === "unix" && !isOn(get(`${prefix}abstract`));
    return isUnix && (name === "path" || name === "socket") ? rebase(value) : value;
  }
  const driver = get(`${prefix}driver`);
  const places = driver !== undefined && Object.hasOwn(blockPlaces, driver) ? blockPlaces[driver] : undefined;
  if (places?.includes(name) === true) return rebase(value);
  const isLocal = driver === undefined || !remoteBlockDrivers.includes(driver);
  return name === "filename" && isLocal ? rebase(value) : value;
}
