/** The options that fields of requests come from. */
const flags: readonly (readonly [field: RegExp, flag: string])[] = [
  [/^kernel$/, "-k"],
  [/^name$/, "--name"],
  [/^kernel\.busybox$/, "--busybox"],
  [/^kernel\.build\.base$/, "--base"],
  [/(?:^|\.)arch$/, "--arch"],
  [/^guest\.root$/, "--root"],
  [/^qemu$/, "--qemu"],
  [/^guest\.shares\[\d+\] \(target\)$/, "--share"],
  [/^guest\.shares\[\d+\] \(read-only\)$/, "--ro"],
  [/^guest\.shares\[\d+\] \(read-write\)$/, "--rw"],
  [/^debug\.gdb\.endpoint$/, "--gdb"],
  [/^debug\.trace$/, "--trace"],
  [/^sshKey$/, "--ssh-key"],
  [/^user$/, "--user"],
  [/^hostname$/, "--hostname"],
  [/^diskSize$/, "-s"],
  [/^mirror$/, "--mirror"],
  [/^installation\.rootDev$/, "--root-dev"],
  [/^installation\.proxyExcept$/, "--proxy-except"],
];

/** What a person has typed for a field of a request; the field itself where that is not known. */
export function flagOf(field: string): string {
  return flags.find(([pattern]) => pattern.test(field))?.[1] ?? field;
}
