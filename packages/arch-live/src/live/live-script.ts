import { writeFileCommand } from "./here-document.js";
import { PORTS } from "./ports.js";

/**
 * What the live system runs (archiso's parameter `script=`): the installation, with its output to one virtio-serial port
 * and, on another, `vm1 started` and `vm1 exited N`. It then powers the guest off at once: the new system is unmounted by
 * then, and nothing else of the guest is to be kept. It reads nothing from the live system's terminal.
 * `onFailure`: with `shell`, a failed installation is followed by a shell on the third port, until the person leaves it.
 */
export function renderLiveScript({
  script,
  onFailure,
}: {
  readonly script: string;
  readonly onFailure: "power off" | "shell";
}): string {
  return `#!/usr/bin/env bash
# Handed to the live system by \`vm install\`; the installation itself is the here-document below.
set -u

port() {
  local name
  for name in /sys/class/virtio-ports/*/name; do
    if [[ $(< "$name") == "$1" ]]; then
      name=\${name%/name}
      printf '/dev/%s' "\${name##*/}"
    fi
  done
}

power_off() {
  sync
  echo o > /proc/sysrq-trigger
  sleep 60
  poweroff -f
}

modprobe -q virtio_console
for ((attempt = 0; attempt < 100; attempt++)); do
  status=$(port ${PORTS.status})
  log=$(port ${PORTS.log})
  if [[ -c $status && -c $log ]]; then
    break
  fi
  sleep 0.1
done
if ! exec 8> "$status" 9> "$log"; then
  echo 'vm: found no virtio-serial port of the host' > /dev/console
  power_off
fi
printf 'vm1 started\\n' >&8

# It may hold a password.
touch /tmp/vm-install.sh
chmod 600 /tmp/vm-install.sh
${writeFileCommand("/tmp/vm-install.sh", script)}
bash /tmp/vm-install.sh < /dev/null >&9 2>&1 8>&- 9>&-
result=$?
sync
${onFailure === "shell" ? SHELL : ""}
printf 'vm1 exited %d\\n' "$result" >&8
power_off
`;
}

/** \`script\` gives it a terminal of its own, with job control. */
const SHELL = `if ((result != 0)); then
  printf 'vm1 shell\\n' >&8
  # A port can be opened once at a time. A write waits for the host, and a read does not: it would find the end at once.
  exec 7<> "$(port ${PORTS.shell})"
  printf '\\n' >&7
  TERM=\${TERM:-vt102} script --quiet --flush --command 'exec bash -i' /dev/null <&7 >&7 2>&1 8>&- 9>&-
fi
`;
