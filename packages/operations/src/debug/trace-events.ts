import { join } from "node:path";
import { readableText } from "@vm/host-files";
import type { KernelBuild } from "@vm/kernel-build";
import { warning, type Notice } from "../notice.js";
import { requestError } from "../request/request-error.js";

/** An event, with or without its subsystem; `*` and `?` stand for parts of a name. */
const pattern = /^(?:[\w*?-]+:)?[\w*?-]+$/;

/**
 * The kernel parameters that trace these events: they go to the kernel's messages, and so to the console.
 * Source: Documentation/trace/events.rst and kernel-parameters.rst (trace_event, tp_printk).
 */
export function traceParameters(events: readonly string[]): string {
  for (const event of events) {
    if (pattern.test(event)) continue;
    throw requestError(
      "debug.trace",
      `'${event}' is no name of an event`,
      "Give names between commas: sched:sched_switch,irq:*,net_dev_xmit. /sys/kernel/tracing/available_events of a guest has them all.",
    );
  }
  return `trace_event=${events.join(",")} tp_printk`;
}

/** Warns of the events that the kernel does not have, where its symbols are known. Those of modules come with these. */
export function unknownEventWarnings(events: readonly string[], build: KernelBuild): Notice[] {
  const known = builtInEvents(build);
  if (known === undefined || known.size === 0) return [];
  return events.flatMap((event) => {
    const name = event.slice(event.indexOf(":") + 1);
    if (/[*?]/.test(name) || known.has(name)) return [];
    return [
      warning(
        "TRACE_EVENT_UNKNOWN",
        `${build.image} has no event ${event} built in; one of a module is not traced from the boot on`,
      ),
    ];
  });
}

/** Every event is a variable of that name (include/trace/trace_events.h); system calls have theirs. */
function builtInEvents(build: KernelBuild): ReadonlySet<string> | undefined {
  const map = symbolMap(build);
  if (map === undefined) return undefined;
  const text = readableText(map, { encoding: "latin1" });
  if (text === null) return undefined;
  return new Set([...text.matchAll(/ (?:__event_|event_)(\w+)$/gm)].flatMap(([, name]) => name ?? []));
}

function symbolMap(build: KernelBuild): string | undefined {
  switch (build.kind) {
    case "build-tree":
      return join(build.tree, "System.map");
    case "installed":
    case "unpacked":
      return join(build.root, "boot", `System.map-${build.release}`);
    case "image":
      return undefined;
    default:
      return build satisfies never;
  }
}
