import { readdirSync } from "node:fs";
import { homedir } from "node:os";

/** The host's kernel, processes and devices, and what its services keep while they run. */
export const SYSTEM_PLACES: readonly string[] = ["/proc", "/sys", "/dev", "/run"];

/** What is often secret in a person's home: keys, tokens and passwords of common programs, and browsers' profiles. */
const OF_HOMES: readonly string[] = [
  ".ssh",
  ".gnupg",
  ".aws",
  ".azure",
  ".kube",
  ".config/gcloud",
  ".config/gh",
  ".config/hub",
  ".config/op",
  ".config/rclone",
  ".config/containers/auth.json",
  ".docker/config.json",
  ".netrc",
  ".pgpass",
  ".pypirc",
  ".npmrc",
  ".git-credentials",
  ".config/git/credentials",
  ".cargo/credentials",
  ".cargo/credentials.toml",
  ".terraform.d/credentials.tfrc.json",
  ".vault-token",
  ".password-store",
  ".local/share/keyrings",
  ".mozilla",
  ".thunderbird",
  ".config/google-chrome",
  ".config/chromium",
  ".config/BraveSoftware",
  ".config/microsoft-edge",
  ".config/vivaldi",
  ".config/opera",
  ".var/app/org.mozilla.firefox",
  ".var/app/org.mozilla.Thunderbird",
  ".var/app/com.google.Chrome",
  ".var/app/org.chromium.Chromium",
  ".var/app/com.brave.Browser",
  "snap/firefox",
  "snap/thunderbird",
  "snap/chromium",
];

/** Accounts whose passwords the guest must not see, though its programs want to see the accounts. */
export const PASSWORD_FILES: readonly string[] = ["/etc/shadow", "/etc/gshadow"];

/** What only root can read, and the guest of a `vm` that root runs could. */
const OF_ROOT: readonly string[] = [
  ...PASSWORD_FILES,
  "/etc/shadow-",
  "/etc/gshadow-",
  "/etc/security/opasswd",
  "/etc/krb5.keytab",
  "/etc/ssl/private",
  "/etc/wireguard",
  "/etc/openvpn",
  "/etc/NetworkManager/system-connections",
  "/var/lib/iwd",
  "/var/lib/systemd/credential.secret",
  "/var/lib/sss/secrets",
];

/**
 * Where what is often secret may be, for a `vm` that this user runs: what that user could read. Absolute; not all of it
 * need be there.
 */
export function secretPlaces({
  env,
  isRoot,
}: {
  readonly env: NodeJS.ProcessEnv;
  readonly isRoot: boolean;
}): string[] {
  const own = env["HOME"] || homedir();
  const homes = isRoot ? [own, "/root", ...entries("/home").map((name) => `/home/${name}`)] : [own];
  const hostKeys = entries("/etc/ssh").filter((name) => /^ssh_host_.*_key$/.test(name));
  return [
    ...[...new Set(homes)].flatMap((home) => OF_HOMES.map((name) => `${home}/${name}`)),
    ...(isRoot ? [...OF_ROOT, ...hostKeys.map((name) => `/etc/ssh/${name}`)] : []),
  ];
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
