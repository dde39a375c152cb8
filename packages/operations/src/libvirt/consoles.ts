import { hasOption, type QemuOption } from "@vm/qemu-argv";
import { verbatim, type Place } from "./place.js";
import type { Element } from "./xml.js";

const console: Element = { name: "serial", attributes: { type: "pty" } };

/** Whether an option is a serial line. */
function isSerial(option: QemuOption): boolean {
  return "flag" in option && option.flag === "serial";
}

/**
 * The machine's serial lines. A domain has no terminal: what is on QEMU's is a pseudo terminal, which `virsh console` opens; QEMU's monitor
 * is libvirt's. Beside others a line keeps its number only where all of them are on the command line.
 */
export function placeSerials(options: readonly QemuOption[]): ReadonlyMap<QemuOption, Place> {
  const serials = options.filter(isSerial);
  const areAllTerminals = serials.every(isTerminal);
  return new Map(
    serials.map((option, index) => {
      if (!isTerminal(option)) return [option, verbatim(option)];
      if (areAllTerminals) return [option, { devices: [{ ...console, content: [port(index)] }] }];
      return [
        option,
        {
          rest: [{ flag: "serial", value: "pty" }],
          note: "A serial line on QEMU's terminal is a pseudo terminal, which the domain's log names",
        },
      ];
    }),
  );
}

/** What `-nographic` brings besides: a serial line on the terminal, where none is named. */
export function implicitConsole(options: readonly QemuOption[]): readonly Element[] {
  return hasOption(options, { flag: "nographic" }) && !options.some(isSerial)
    ? [{ ...console, content: [port(0)] }]
    : [];
}

function isTerminal(option: QemuOption): boolean {
  return "value" in option && ["stdio", "mon:stdio"].includes(option.value);
}

function port(index: number): Element {
  return { name: "target", attributes: { port: String(index) } };
}
