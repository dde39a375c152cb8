import { PORT_NUMBERS } from "./ports.js";

/**
 * Shell text that finds the ports, says that the guest is there, and reads the rest of itself from the script port. A
 * write to the status port waits until the host's side of it is open, and QEMU opens the ports in their order, so the
 * script's port is open by then: an earlier read of it would end at once. It has no quotes, to go anywhere.
 */
export function portBootstrap({
  prepare,
  fail,
}: {
  readonly prepare: string;
  readonly fail: string;
}): string {
  return [
    `n=0; while [ $n -lt 100 ]; do ${prepare};`,
    `for p in /dev/vport*p${PORT_NUMBERS.status}; do`,
    "[ -c $p ] && exec 8<>$p && echo vm1 started >&8 &&",
    `vm_bus=\${p%${PORT_NUMBERS.status}} && . \${vm_bus}${PORT_NUMBERS.script};`,
    `done; n=$((n+1)); sleep .1; done; ${fail}`,
  ].join(" ");
}
