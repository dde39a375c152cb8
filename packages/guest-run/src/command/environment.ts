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

/** The part of an environment that a command in the guest gets: {@link PASSED} and `LC_*`. */
export function guestEnvironment(env: NodeJS.ProcessEnv): { [name: string]: string } {
  const passed: { [name: string]: string } = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && (PASSED.includes(name) || /^LC_[A-Z]+$/.test(name))) passed[name] = value;
  }
  return passed;
}
