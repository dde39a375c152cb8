import type { Installation } from "../installation.js";
import type { Section } from "../section.js";
import type { Statement } from "../shell-text.js";

const CONFIRM_WIPE: readonly Statement[] = [
  'signatures=$(wipefs --noheadings --output TYPE "$root_device")',
  "if [[ -n $signatures ]]; then",
  '  has_terminal || die "$root_device is not blank, and there is no terminal to ask on: --yes wipes it"',
  '  lsblk --output NAME,SIZE,FSTYPE,LABEL "$root_device" > /dev/tty',
  `  printf '%s is not blank. Wipe it? Type yes: ' "$root_device" > /dev/tty`,
  "  read -r answer < /dev/tty",
  `  [[ $answer == yes ]] || die "$root_device is not blank: nothing was changed"`,
  "fi",
];

const ASK_PASSWORD: readonly Statement[] = [
  'has_terminal || die "there is no terminal to ask for root\'s password on: give a password file, a hash or a key"',
  "while [[ -z $root_password ]]; do",
  `  read -rs -p "Password of root on $host_name: " root_password < /dev/tty 2> /dev/tty`,
  `  read -rs -p $'\\nThe same again: ' answer < /dev/tty 2> /dev/tty`,
  `  printf '\\n' > /dev/tty`,
  '  if [[ $answer != "$root_password" ]]; then',
  `    printf 'The passwords do not match.\\n' > /dev/tty`,
  "    root_password=",
  "  fi",
  "done",
];

/** All that only a person can answer, before anything is changed; after that nobody has to be there. */
export function questionsSection({ wipe, rootPassword }: Installation): Section | undefined {
  const confirm = wipe === "ask" ? CONFIRM_WIPE : [];
  const ask = rootPassword.kind === "ask" ? ASK_PASSWORD : [];
  if (confirm.length + ask.length === 0) return undefined;
  return {
    name: "ask_questions",
    title: "Ask what has to be known",
    body: [
      confirm.length > 0 ? "local signatures answer" : "local answer",
      ...confirm,
      ...(confirm.length > 0 && ask.length > 0 ? [""] : []),
      ...ask,
    ],
  };
}
