import { existsSync, readdirSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { quoteShell } from "@vm/command-plan";
import { cacheRoom, lockReach } from "@vm/host-files";
import { listRunningGuests, makeRuntimeDirectory, readVmLock, listVms } from "@vm/vm-store";
import { vmHome } from "../guest/vm-config.js";
import type { Host } from "../host.js";
import { findingOf, ok, type Finding } from "./check.js";

const gibibyte = 2 ** 30;

/** Directories: the configuration, space, whose they are, and what was left behind. */
export function checkPlaces(host: Host): Finding[] {
  const configuration = look("config.json", "broken", () => {
    host.userConfig();
    return ok("config.json", `it is right, or not there; virtual machines are in ${vmHome(host)}`);
  });
  if (configuration.state !== "ok") return [configuration, space("cache", host.cacheDir)];
  return [
    configuration,
    space("home", vmHome(host)),
    space("cache", host.cacheDir),
    look("cache's owner", "broken", () => {
      cacheRoom(host.cacheDir, "kernels");
      return ok("cache's owner", `nobody else can write to ${host.cacheDir}`);
    }),
    look("runtime directory", "broken", () => {
      const directory = makeRuntimeDirectory(host.env);
      // What dead guests have left there is removed by looking.
      const guests = listRunningGuests(host.env);
      return ok("runtime directory", `${directory}; ${guests.length} guests run`);
    }),
    leftovers(host),
    look("locks", "limited", () => locks(host)),
  ];
}

function look(name: string, state: "broken" | "limited", question: () => Finding): Finding {
  try {
    return question();
  } catch (error) {
    return findingOf(name, state, error);
  }
}

function space(name: string, wanted: string): Finding {
  let directory = wanted;
  while (!existsSync(directory) && directory !== dirname(directory)) directory = dirname(directory);
  const { bavail, bsize, files, ffree } = statfsSync(directory);
  const free = bavail * bsize;
  const label = `space of the ${name}`;
  const words = `${(free / gibibyte).toFixed(1)} GiB free in ${directory}`;
  const repair =
    name === "cache"
      ? "`vm cache prune --limit 5G` keeps less, or set VM_CACHE_HOME to a directory on another disk."
      : "Set VM_HOME to a directory on another disk.";
  // Some file systems (btrfs) count no inodes.
  if (files > 0 && ffree < 1000)
    return {
      name: label,
      state: ffree < 10 ? "broken" : "limited",
      found: `${words}, and ${ffree} inodes`,
      repair,
    };
  if (free < gibibyte / 16) return { name: label, state: "broken", found: words, repair };
  if (free < 2 * gibibyte) return { name: label, state: "limited", found: words, repair };
  return ok(label, words);
}

/** Drafts of what was being made. One that is being made now is no leftover, and looks like one. */
function leftovers(host: Host): Finding {
  const home = vmHome(host);
  const drafts = [
    ...hidden(home, /^\.(?:.*\.new|new|copy|gone)-/),
    ...rooms(host.cacheDir).flatMap((room) => hidden(room, /^\.new-/)),
  ];
  if (drafts.length === 0) return ok("leftovers", "none of creations that were killed");
  return {
    name: "leftovers",
    state: "limited",
    found: `${drafts.length} drafts of what is being made, or was killed: ${drafts.slice(0, 3).join(", ")}${drafts.length > 3 ? "..." : ""}`,
    repair: "The next command that makes something of the kind removes those of dead makers.",
  };
}

function hidden(directory: string, pattern: RegExp): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => pattern.test(name))
      .map((name) => join(directory, name));
  } catch {
    return [];
  }
}

function rooms(cache: string): string[] {
  try {
    return readdirSync(cache, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(cache, name));
  } catch {
    return [];
  }
}

/** A VM's lock counts while somebody holds it, whatever stands in it: none is ever stale. */
function locks(host: Host): Finding {
  const home = vmHome(host);
  const unheard = [home, host.cacheDir].find((place) => lockReach(place)?.reach === "this machine");
  if (unheard !== undefined) {
    return {
      name: "locks",
      state: "limited",
      found: `other machines that mount ${unheard} (${lockReach(unheard)?.type}) do not see that a run here uses it`,
      repair:
        "Use it from one machine at a time, or set VM_HOME and VM_CACHE_HOME to places of this machine.",
    };
  }
  const held = listVms(home).filter((name) => readVmLock(join(home, name)).running);
  return ok(
    "locks",
    held.length === 0 ? "no virtual machine is locked" : `held by runs: ${held.map(quoteShell).join(", ")}`,
  );
}
