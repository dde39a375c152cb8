/** Variables that a command expects from where it is started: who, where, and in what language. */
const PASSED = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "TERM",
  "LANG",
  "LANGUAGE",
  "TZ",
  "COLORTERM",
  "NO_COLOR",
];

/** What is true of the terminal, in whatever system the command runs. */
const TERMINAL = ["TERM", "COLORTERM", "NO_COLOR"];

/** Where a login looks for programs. Source: login.defs(5), `ENV_SUPATH`. */
export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Whose system the guest's root is: this one, with the person's programs and home in it, or another (`--root`, a disk), where a path of
 * this one leads nowhere.
 */
export type GuestSystem = "host" | "foreign";

/**
 * The part of an environment that a command in the guest gets: `PASSED` and `LC_*`. The guest's root needs what is in the sbin
 * directories, which a plain user of Debian has not: they come after the person's own.
 */
export function guestEnvironment(
  env: NodeJS.ProcessEnv,
  system: GuestSystem = "host",
): { [name: string]: string } {
  const passed: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(env)) {
    const isPassed =
      system === "host" ? PASSED.includes(name) || /^LC_[A-Z]+$/.test(name) : TERMINAL.includes(name);
    if (value !== undefined && isPassed) passed[name] = value;
  }
  if (system === "foreign") return passed;
  const own = (passed["PATH"] ?? "").split(":").filter((directory) => directory !== "");
  const more = SYSTEM_PATH.split(":").filter(
    (directory) => !own.includes(directory) && (own.length === 0 || directory.endsWith("/sbin")),
  );
  return { ...passed, PATH: [...own, ...more].join(":") };
}
