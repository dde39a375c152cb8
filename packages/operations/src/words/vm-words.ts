import type { Snapshot } from "../keep/snapshots.js";
import type { ListedDisk, ListedVm } from "../keep/list-vms.js";

const columns = ["NAME", "STATE", "KERNEL", "DISK", "MEMORY", "SSH"] as const;

/**
 * The table of `vm list`: for a person with a line of names and aligned columns; for a program one line a VM, with tabs between the fields and
 * the name first.
 */
export function describeVms(vms: readonly ListedVm[], reader: "person" | "program"): string {
  const rows = vms.map(rowOf);
  if (reader === "program") return rows.map((row) => `${row.join("\t")}\n`).join("");
  if (rows.length === 0) return "";
  const widths = columns.map((title, index) =>
    Math.max(title.length, ...rows.map((row) => lengthOf(row[index]))),
  );
  return [columns, ...rows]
    .map((row) => row.map((text, index) => pad(text, widths[index] ?? 0)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

/** `?`: not known, as the configuration was not run. `-`: none. */
function rowOf(vm: ListedVm): readonly [string, string, string, string, string, string] {
  const none = vm.config === "literals" || vm.config === null ? "-" : "?";
  return [
    vm.name,
    describeState(vm),
    vm.kernel ?? none,
    vm.diskSizeBytes === null ? none : diskOf(vm),
    vm.memoryMiB === null ? none : describeBytes(vm.memoryMiB * 1024 ** 2),
    vm.sshPort === null ? none : String(vm.sshPort),
  ];
}

function diskOf({ disks, diskUsedBytes, diskSizeBytes }: ListedVm): string {
  if (disks.length === 0) return "-";
  if (disks.some(({ format }) => format === null)) return "missing";
  return `${describeBytes(diskUsedBytes ?? 0)} of ${describeBytes(diskSizeBytes ?? 0)}`;
}

function describeState({ state, kind, since, pid, user, ephemeral }: ListedVm): string {
  if (state !== "running") return state === "unknown" ? "?" : state;
  const from = since === null ? "" : ` since ${since.replace(/\.\d+Z$/, "Z")}`;
  const by = user === null ? "" : ` by ${user}`;
  const how = kind === "embedded" ? ", embedded," : ephemeral ? ", ephemeral," : "";
  return `running${how}${from}${by}${pid === null ? "" : ` (pid ${pid})`}`;
}

const units = "BKMGTPE";

/** As QEMU writes sizes, with one decimal where it is short: `512M`, `1.5G`. */
export function describeBytes(bytes: number): string {
  let value = bytes;
  let power = 0;
  while (value >= 1024 && power < units.length - 1) {
    value /= 1024;
    power++;
  }
  const text = value >= 10 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1);
  return power === 0 ? text : `${text.replace(/\.0$/, "")}${units[power]}`;
}

function lengthOf(text = ""): number {
  return Array.from(text).length;
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - lengthOf(text)));
}

/** `vm info`: a line for each thing. */
export function describeMachine(vm: ListedVm): string {
  const lines: readonly (readonly [name: string, text: string | null])[] = [
    ["name", vm.name],
    ["directory", vm.directory],
    ["root", vm.root],
    ["state", describeState(vm)],
    ["command", vm.command?.join(" ") ?? null],
    ["kernel", vm.kernel],
    ["arch", vm.arch],
    ["cpus", vm.cpus === null ? null : String(vm.cpus)],
    ["memory", vm.memoryMiB === null ? null : describeBytes(vm.memoryMiB * 1024 ** 2)],
    ["ssh", vm.sshPort === null ? null : `127.0.0.1:${vm.sshPort}`],
    ...vm.disks.map((disk) => ["disk", describeDisk(disk)] as const),
  ];
  return lines.flatMap(([name, text]) => (text === null ? [] : [`${pad(`${name}:`, 12)}${text}\n`])).join("");
}

/** `vm disk list`: image, format, used and whole size, what it stands on; tabs between them. */
export function describeDisks(disks: readonly ListedDisk[]): string {
  return disks
    .map(({ name, format, sizeBytes, usedBytes, backingFile }) =>
      format === null || sizeBytes === null || usedBytes === null
        ? [name, "missing"]
        : [
            name,
            format,
            `${describeBytes(usedBytes)} of ${describeBytes(sizeBytes)}`,
            ...(backingFile === null ? [] : [backingFile]),
          ],
    )
    .map((fields) => `${fields.join("\t")}\n`)
    .join("");
}

function describeDisk({ name, format, sizeBytes, usedBytes, backingFile }: ListedDisk): string {
  if (format === null || sizeBytes === null || usedBytes === null)
    return `${name}: missing, or cannot be read`;
  const base = backingFile === null ? "" : `, on ${backingFile}`;
  return `${name}: ${format}, ${describeBytes(usedBytes)} of ${describeBytes(sizeBytes)}${base}`;
}

/** Tag and time of each snapshot, with a tab between; and of one that is not on all disks, where it is missing. */
export function describeSnapshots(snapshots: readonly Snapshot[]): string {
  return snapshots
    .map(({ tag, date, hasMemory, missingOn }) => {
      const memory = hasMemory ? ["with memory"] : [];
      const fault = missingOn.length === 0 ? [] : [`not on ${missingOn.join(", ")}`];
      return `${[tag, date, ...memory, ...fault].join("\t")}\n`;
    })
    .join("");
}
