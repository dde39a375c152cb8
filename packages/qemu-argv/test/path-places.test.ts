import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { parseArgv } from "../src/parse-argv.js";
import { propertyPlaces, typedPlaces } from "../src/path-places.js";
import { withQemu, type Ask } from "./qmp.js";

/** Texts that are the names of no file of the host, of devices: QEMU 7.2 to 11.1. */
const OTHER_TEXTS = new Set(
  (
    "addr audiodev auth-key backend bootargs bus cert1 cert2 cert3 chardev desc device_id display drive " +
    "duplex failover_pair_id fd fdp.ruhs filter firmware-version fp_start_macaddr fsdev guid hba_serial " +
    "host host_ip hostport hv-vendor-id ibdev instanceid mac mad-chardev masterbus model mount_tag name " +
    "netdev nguid nqn osk pci-id pci-type port product serial sriov-pf tag tls-authz tls-creds " +
    "tls-hostname tpmdev tx uuid vdev vendor ver version vf-token vhostfd world wwpn"
  ).split(" "),
);

/** Such as `chardev0` and `lan.netmask`. */
const OTHER_SHAPES = [/^chardev\d$/, /^lan\./];

interface Property {
  readonly name: string;
  readonly type: string;
}

/** The same, of objects. */
const OTHER_OBJECT_TEXTS = new Set(
  (
    "audiodev chardev data devid fd guest-visible-workarounds height host-data id-auth id-block id-list " +
    "identity if indev insert iv keyid mrconfigid mrowner mrownerconfig name netdev notify_dev outdev " +
    "passwordid pci-bus pci-dev port position primary_in priority secondary_in server status type username " +
    "width x-origin y-origin"
  ).split(" "),
);

/**
 * QEMU makes one of each type to tell its properties. It dies of the first for want of a PCI device, of the second of what was never initialized
 * (7.2, 10.0), and the third, when it goes, closes descriptor 0, which QMP comes by: all that is asked after it is asked in vain. The files
 * of -object filter-dump are in path-rebase.test.ts; the others name none.
 */
const DEADLY_OBJECTS = new Set(["x-remote-object", "colo-compare", "filter-dump"]);

type Listing = (command: string, argument: Record<string, unknown>) => Promise<readonly Property[]>;

function listing(ask: Ask): Listing {
  return async (command, argument) => JSON.parse(JSON.stringify(await ask(command, argument)));
}

/** Whether the tables say that the property names a file. */
function isPath(flag: "device" | "object", typename: string, property: string): boolean {
  return Object.hasOwn({ ...propertyPlaces[flag], ...typedPlaces[flag]?.[typename] }, property);
}

/** The properties of QEMU's devices that are text and that no table knows, as `TYPE.PROPERTY`. */
async function unknownTexts(listed: Listing): Promise<string[]> {
  const unknown: string[] = [];
  for (const { name: typename } of await listed("qom-list-types", {
    implements: "device",
    abstract: false,
  })) {
    // In Debian these need a package of modules, without which QEMU aborts when it is asked about them.
    if (/-gl(?:-|$)|rutabaga/.test(typename)) continue;
    const properties = await listed("device-list-properties", { typename });
    for (const { name, type } of properties) {
      const isOther = OTHER_TEXTS.has(name) || OTHER_SHAPES.some((shape) => shape.test(name));
      if (type === "str" && !isPath("device", typename, name) && !isOther)
        unknown.push(`${typename}.${name}`);
    }
  }
  return unknown;
}

/** The same of the objects that `-object` makes. */
async function unknownObjectTexts(listed: Listing): Promise<string[]> {
  const unknown: string[] = [];
  for (const { name: typename } of await listed("qom-list-types", {
    implements: "user-creatable",
    abstract: false,
  })) {
    if (DEADLY_OBJECTS.has(typename)) continue;
    for (const { name, type } of await listed("qom-list-properties", { typename })) {
      if (type === "string" && !isPath("object", typename, name) && !OTHER_OBJECT_TEXTS.has(name))
        unknown.push(`${typename}.${name}`);
    }
  }
  return unknown;
}

test("every property of a device that is text is known: as the name of a file, or as none", async () => {
  await withQemu(parseArgv(["-machine", "none"]), tmpdir(), async (ask) => {
    expect(await unknownTexts(listing(ask))).toEqual([]);
  });
});

test("every property of an object that is text is known: as the name of a file, or as none", async () => {
  await withQemu(parseArgv(["-machine", "none"]), tmpdir(), async (ask) => {
    expect(await unknownObjectTexts(listing(ask))).toEqual([]);
  });
});
