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

/** The properties of QEMU's devices that are text and that no table knows, as `TYPE.PROPERTY`. */
async function unknownTexts(ask: Ask): Promise<string[]> {
  const listed = async (command: string, argument: Record<string, unknown>): Promise<readonly Property[]> =>
    JSON.parse(JSON.stringify(await ask(command, argument)));
  const unknown: string[] = [];
  for (const { name: typename } of await listed("qom-list-types", {
    implements: "device",
    abstract: false,
  })) {
    // In Debian these need a package of modules, without which QEMU aborts when it is asked about them.
    if (/-gl(?:-|$)|rutabaga/.test(typename)) continue;
    const properties = await listed("device-list-properties", { typename });
    for (const { name, type } of properties) {
      const isPath = Object.hasOwn(
        { ...propertyPlaces["device"], ...typedPlaces["device"]?.[typename] },
        name,
      );
      const isOther = OTHER_TEXTS.has(name) || OTHER_SHAPES.some((shape) => shape.test(name));
      if (type === "str" && !isPath && !isOther) unknown.push(`${typename}.${name}`);
    }
  }
  return unknown;
}

test("every property of a device that is text is known: as the name of a file, or as none", async () => {
  await withQemu(parseArgv(["-machine", "none"]), tmpdir(), async (ask) => {
    expect(await unknownTexts(ask)).toEqual([]);
  });
});
