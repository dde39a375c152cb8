import { isOn } from "./boolean-text.js";
import { plainPropertySyntax } from "./flag-syntax.js";
import type { Property } from "./option.js";
import { type RebasePath } from "./path-lookup.js";
import { parsePropertyList, renderPropertyList } from "./property-list.js";

/**
 * A character device in short, as -serial and -qmp take it (chardev/char.c, qemu_chr_parse_compat): behind `file:` and `pipe:` all is
 * the path, commas and all; behind `unix:` it is the first of properties, whose commas are doubled.
 */
export function rebaseCharacterDevice(text: string, rebase: RebasePath): string {
  const [, kind, rest] = /^(mon|file|pipe|pty|unix|tcp|telnet|tn3270|websocket):(.*)$/s.exec(text) ?? [];
  switch (kind) {
    case undefined:
      return text;
    case "mon":
      return `mon:${rebaseCharacterDevice(rest ?? "", rebase)}`;
    case "file":
    case "pipe":
    case "pty":
      return `${kind}:${rebase(rest ?? "")}`;
    case "unix":
      return `unix:${rebaseProperties(rest ?? "", "path", rebase)}`;
    default: {
      const comma = text.indexOf(",") + 1;
      return comma === 0
        ? text
        : text.slice(0, comma) + rebaseProperties(text.slice(comma), undefined, rebase);
    }
  }
}

function rebaseProperties(text: string, impliedKey: string | undefined, rebase: RebasePath): string {
  const syntax = { ...plainPropertySyntax, ...(impliedKey === undefined ? {} : { impliedKey }) };
  const { head, props } = parsePropertyList(text, syntax);
  // The name of a socket in the abstract namespace is none of a file.
  const isAbstract = isOn(props.findLast(([key]) => key === "abstract")?.map((part) => part ?? "on")[1]);
  const change = (key: string, value: string): string =>
    key === "logfile" || (key === "path" && !isAbstract) ? rebase(value) : value;
  return renderPropertyList(
    "chardev",
    {
      ...(head === undefined || impliedKey === undefined ? {} : { head: change(impliedKey, head) }),
      props: props.map(([key, value]): Property => [key, value === null ? value : change(key, value)]),
    },
    syntax,
  );
}

/** `guestfwd=tcp:10.0.2.100:80-unix:PATH`; `cmd:` is a command of the shell. */
export function rebaseGuestForward(text: string, rebase: RebasePath): string {
  const [, from, device] = /^([^:]*:[^:]*:[^-]*-)(.*)$/s.exec(text) ?? [];
  return from === undefined || device === undefined ? text : from + rebaseCharacterDevice(device, rebase);
}

/** `unix:PATH` of -vnc, where other words are a host and a display. */
export function rebaseSocketTarget(text: string, rebase: RebasePath): string {
  return text.startsWith("unix:") ? `unix:${rebase(text.slice("unix:".length))}` : text;
}
