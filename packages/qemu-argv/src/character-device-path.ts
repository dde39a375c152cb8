import { isOn } from "./boolean-text.js";
import { parseCharacterDevice, renderCharacterDevice } from "./character-device.js";
import type { Property } from "./option.js";
import type { RebasePath } from "./path-lookup.js";
import { readProperty } from "./property-reading.js";

/** A character device in short, as -serial and -qmp take it: its path, and its log. */
export function rebaseCharacterDevice(text: string, rebase: RebasePath): string {
  const device = parseCharacterDevice(text);
  if (device === undefined) return text;
  const { properties } = device;
  // The name of a socket in the abstract namespace is none of a file.
  const isAbstract = isOn(readProperty(properties, "abstract").at(-1)?.value);
  const props = properties.props.map(([key, value]): Property => {
    const isPath = key === "logfile" || (key === "path" && !isAbstract);
    return [key, value !== null && isPath ? rebase(value) : value];
  });
  // As it is written: `unix:path=s` says no more than `unix:s`, but it is the person's own.
  if (props.every(([, value], index) => value === properties.props[index]?.[1])) return text;
  return renderCharacterDevice({ ...device, properties: { ...properties, props } });
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
