import * as v from "valibot";
import { complaintKinds } from "../complaint-kinds.js";
import type { CommandSettings, DiskWrites, EmbeddedGuestSettings, VmGuest } from "../guest-settings.js";
import { isGuestPath } from "../guest-path.js";
import { milliseconds, noList, object, path, text, vmName, type EntriesOf } from "./values.js";

const guestPath = v.pipe(
  text,
  v.check(isGuestPath, "an absolute path in the guest, such as /mnt/data"),
  v.description("An absolute path in the guest."),
);

export const embeddedEntries: EntriesOf<Omit<EmbeddedGuestSettings, "init" | "kind">> = {
  root: v.exactOptional(path),
  shares: v.exactOptional(
    v.pipe(
      v.array(
        object({
          path,
          target: v.exactOptional(guestPath),
          access: v.picklist(["read-only", "read-write"]),
        }),
      ),
      v.readonly(),
    ),
  ),
  expose: v.exactOptional(v.pipe(v.array(path), v.readonly())),
  user: v.exactOptional(v.picklist(["caller", "root"])),
  network: v.exactOptional(v.picklist(["none", "isolated", "user"])),
};

export const diskWrites: v.GenericSchema<DiskWrites> = v.picklist(["ephemeral", "kept"]);
const vmGuest = object({ kind: v.literal("vm"), name: vmName, disks: v.exactOptional(diskWrites) });
const embeddedGuest = object({
  kind: v.literal("embedded"),
  ...embeddedEntries,
  init: v.exactOptional(v.picklist(["script", "systemd"])),
});

/** Variables of a command, by their names. */
const environment: v.GenericSchema<Readonly<Record<string, string>>> = v.pipe(
  noList(
    v.record(
      v.pipe(
        v.string(),
        v.regex(/^[A-Za-z_]\w*$/, "the name of a variable: letters, digits and underscores"),
      ),
      text,
    ),
  ),
  v.readonly(),
);

export const limitEntries: EntriesOf<
  Pick<CommandSettings, "bootTimeoutMs" | "environment" | "failOn" | "timeoutMs">
> = {
  environment: v.exactOptional(environment),
  timeoutMs: v.exactOptional(milliseconds),
  bootTimeoutMs: v.exactOptional(
    v.union([milliseconds, v.picklist(["none", "usual"])], `a number of milliseconds, "none" or "usual"`),
  ),
  failOn: v.exactOptional(v.pipe(v.array(v.picklist(complaintKinds)), v.readonly())),
};

export const guestSettings: v.GenericSchema<EmbeddedGuestSettings | VmGuest> = v.variant("kind", [
  vmGuest,
  embeddedGuest,
]);
