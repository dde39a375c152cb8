import { quoteShell } from "@vm/command-plan";

/** Where the guest has what the host hands it for its sshd. In memory: nothing is installed. */
export const SSHD_CONFIG = "/run/vm-exec/config";

/**
 * What sshd is told. Whoever is at the other end of the port may do anything already: what counts is that nothing gets in the way of
 * many sessions. Variables `VM_*` and SHLVL are for `vm exec`. Source: sshd_config(5).
 */
const CONFIG = [
  "HostKey /run/vm-exec/host-key",
  "AuthorizedKeysFile /run/vm-exec/authorized-keys",
  "StrictModes no",
  "PermitRootLogin yes",
  "PasswordAuthentication no",
  "MaxSessions 10000",
  "AcceptEnv VM_* SHLVL LANG LC_* COLORTERM NO_COLOR",
  "Subsystem sftp internal-sftp",
  "UseDNS no",
  "PrintMotd no",
  "PrintLastLog no",
  "PidFile none",
  "LogLevel ERROR",
];

/** Keys as files hold them. */
export interface SshdKeys {
  /** The private key that the guest shows. */
  readonly host: string;
  /** The public key that it lets in. */
  readonly authorized: string;
}

/** Who reads the port for sshd, to be ended with it. */
const READER = "/run/vm-exec/reader";

/*
 * sshd polls its input and its output, and of a virtio-serial port that loses wake-ups, for ever: whatever polls a port, for whatever event,
 * takes what has come out of the queue, and the interrupt that follows finds nothing and wakes nobody (port_fops_poll, in_intr and out_intr
 * in drivers/char/virtio_console.c, Linux 5.10 to 7.2). So one process reads the port and one writes it, both blocking, which loses nothing.
 * They do not splice, as a newer cat does.
 */
const SERVE = [
  `sh -c 'echo $$ >${READER}; exec dd bs=64k' <&9 9>&- 2>/dev/null`,
  // Where sshd ends by itself the reader would take the next one's line.
  `{ "$sshd" -i -f ${SSHD_CONFIG} 9>&-; read -r reader <${READER} && kill "$reader"; }`,
  "dd bs=64k >&9 9>&- 2>/dev/null",
].join(" | ");

/**
 * The line for a guest's port of more commands that makes its sshd serve this one connection. The guest answers with `vm1 ready` and goes
 * on as an SSH server, or with `vm1 failed REASON`. One line, for a POSIX shell whose descriptor 9 is the port.
 */
export function sshdLine({ host, authorized }: SshdKeys): string {
  const line = [
    "umask 022",
    "PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin:/run/current-system/sw/bin",
    String.raw`no() { printf 'vm1 failed %s\n' "$*" >&9; exit 1; }`,
    // sshd starts itself anew, by its whole path.
    "sshd=$(command -v sshd) || no 'there is no sshd in it'",
    "command -v dd >/dev/null || no 'there is no dd in it'",
    // An account that is locked gets in by PAM alone.
    `pam=no; [ ! -r /etc/shadow ] || while IFS=: read -r name word rest; do case $name$word in root!*) pam=yes ;; esac; done </etc/shadow`,
    "mkdir -p -m 755 /run/sshd && mkdir -p -m 700 /run/vm-exec || no 'its /run cannot be written'",
    `( umask 077; ${file(CONFIG.join("\n"), SSHD_CONFIG)}; echo "UsePAM $pam" >>${SSHD_CONFIG}; ${file(host, "/run/vm-exec/host-key")}; ${file(authorized, "/run/vm-exec/authorized-keys")} ) || no 'its /run cannot be written'`,
    // What keeps sshd from starting it says now: later nobody would hear it.
    `set -f; said=$("$sshd" -t -f ${SSHD_CONFIG} 2>&1) || no "its sshd does not start:" $said`,
    `rm -f ${READER}; echo 'vm1 ready' >&9`,
    SERVE,
  ].join("; ");
  return `${line}\n`;
}

/** A command that writes a file. */
function file(text: string, path: string): string {
  const escaped = text
    .trim()
    .replaceAll("\\", "\\\\")
    .replaceAll("\n", String.raw`\n`);
  return `printf %b ${quoteShell(`${escaped}\\n`)} >${path}`;
}
