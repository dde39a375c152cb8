import type { DoctorReport } from "../doctor/examine.js";

const marks = { ok: "ok     ", limited: "LIMITED", broken: "BROKEN " } as const;

/** What was found, for a person: a line for each thing, what repairs it, and the one command at the end. */
export function describeDoctor({ distribution, findings, command, packages, state }: DoctorReport): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.flatMap(({ name, state: each, found, repair, packages: own }) => [
    `${marks[each]}  ${name.padEnd(width)}  ${found}`,
    ...(each !== "ok" && repair !== undefined ? [`${" ".repeat(width + 11)}${repair}`] : []),
    ...(own.length > 0 ? [`${" ".repeat(width + 11)}package: ${own.join(" ")}`] : []),
  ]);
  const last = {
    ok: "Nothing is missing.",
    limited: "vm runs kernels here; what is limited is not possible, or slow.",
    broken: "vm cannot run kernels here before what is broken is repaired.",
  }[state];
  const isUnknown = command === null && findings.some(({ packages: own }) => own.length > 0);
  const install =
    command === null
      ? isUnknown
        ? [`Install: ${packages.join(" ")}`]
        : []
      : ["", `On ${distribution.name} this installs all that is missing:`, `  ${command}`];
  return `${[...lines, "", last, ...install].join("\n")}\n`;
}
