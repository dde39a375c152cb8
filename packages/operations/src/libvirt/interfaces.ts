import { optionProperty, type QemuOption } from "@vm/qemu-argv";
import { saysOnly, verbatim, type Place } from "./place.js";
import type { Element } from "./xml.js";

/** QEMU's models by libvirt's names. */
const models: Readonly<Record<string, string>> = {
  "virtio-net-pci": "virtio",
  virtio: "virtio",
  e1000: "e1000",
  e1000e: "e1000e",
  rtl8139: "rtl8139",
};

/** Whether an option is a network card, or what is behind one. */
export function isNetwork(option: QemuOption): boolean {
  if ("image" in option) return false;
  return (
    ["nic", "net", "netdev"].includes(option.flag) ||
    (option.flag === "device" && optionProperty(option, "netdev") !== undefined)
  );
}

/** The machine's networks: as with disks all of them are in XML, or none, since the guest names them by their order. */
export function placeNetworks(
  networks: readonly QemuOption[],
  macAddress: (index: number) => string,
): ReadonlyMap<QemuOption, Place> {
  const places = networks.map((option, index) => placeNetwork(option, macAddress(index)));
  const isPlain = places.every((place) => place !== undefined);
  return new Map(
    networks.map((option, index) => {
      const place = places[index];
      return [option, isPlain && place !== undefined ? place : verbatim(option)];
    }),
  );
}

function placeNetwork(option: QemuOption, derived: string): Place | undefined {
  if (!("flag" in option) || option.flag !== "nic") return undefined;
  const type = optionProperty(option, "type");
  // libvirt gives a domain no network of its own.
  if (type === "none" && saysOnly(option, "type", ["type"])) return {};
  if (type !== "user" || !saysOnly(option, "type", ["type", "model", "mac"])) return undefined;
  const named = optionProperty(option, "model");
  const model = named !== undefined && Object.hasOwn(models, named) ? models[named] : undefined;
  const mac = optionProperty(option, "mac") ?? derived;
  if (model === undefined || !/^[\da-f][02468ace](?::[\da-f]{2}){5}$/i.test(mac)) return undefined;
  const content: readonly Element[] = [
    { name: "mac", attributes: { address: mac } },
    { name: "model", attributes: { type: model } },
  ];
  return { devices: [{ name: "interface", attributes: { type: "user" }, content }] };
}
