import { optionName, type ArgumentDescription, type OptionDescription } from "../command-description.js";

/**
 * What a word of the command line is. `free`: anything. `machine`: a VM or a guest that runs. `list` kinds (`complaints`, `fragments`) are several,
 * separated by commas.
 */
export type ValueKind =
  | "accelerator"
  | "arch"
  | "base"
  | "command"
  | "complaints"
  | "copy"
  | "directory"
  | "disk"
  | "compression"
  | "event"
  | "features"
  | "flaky"
  | "file"
  | "fragment"
  | "fragments"
  | "free"
  | "guest"
  | "guests"
  | "kernel"
  | "machine"
  | "kept-guest"
  | "network"
  | "release"
  | "setting"
  | "share"
  | "shell"
  | "snapshot"
  | "vm";

/** By what stands between the brackets, where that is enough. */
const byPlaceholder: Readonly<Record<string, ValueKind>> = {
  arch: "arch",
  binary: "file",
  build: "kernel",
  command: "free",
  device: "free",
  dir: "directory",
  directory: "directory",
  event: "event",
  events: "free",
  file: "file",
  files: "file",
  hash: "free",
  hosts: "free",
  image: "disk",
  json: "free",
  kernel: "kernel",
  key: "free",
  kinds: "complaints",
  locale: "free",
  memory: "free",
  names: "fragments",
  new: "free",
  number: "free",
  parameter: "free",
  part: "free",
  path: "file",
  place: "free",
  ports: "free",
  program: "free",
  seconds: "free",
  size: "free",
  time: "free",
  url: "free",
  pattern: "free",
  user: "free",
  variable: "free",
  way: "share",
  where: "file",
  zone: "free",
};

/** Options whose placeholder may stand for several things, or for another than elsewhere: by flag, or by command and flag. */
const byFlag: Readonly<Record<string, ValueKind>> = {
  "--accel": "accelerator",
  "--base": "base",
  "--fetch": "release",
  "--flavour": "free",
  "--flaky": "flaky",
  "test --guest": "guests",
  "--for": "event",
  "--hostname": "free",
  "--name": "free",
  "--network": "network",
  "--on-fail": "kept-guest",
  "--packages": "free",
  "create --disk": "free",
  "import --user": "free",
  "install --config": "file",
  "install --run": "free",
  "install --user": "free",
  "kconfig check --for": "features",
  "modules-package --compression": "compression",
  "modules-package --format": "free",
};

/** Arguments, by command and name. */
const byArgument: Readonly<Record<string, ValueKind>> = {
  "completion shell": "shell",
  "completion words": "free",
  "cp paths": "copy",
  "create name": "free",
  "disk remove image": "disk",
  "exec arguments": "free",
  "gdb arguments": "free",
  "import image-file": "file",
  "import name": "free",
  "install name": "free",
  "kconfig check fragments": "fragment",
  "kconfig merge fragments": "fragment",
  "qmp command": "free",
  "report reports": "file",
  "set settings": "setting",
  "snapshot create tag": "free",
  "snapshot delete tag": "snapshot",
  "snapshot restore tag": "snapshot",
};

/** Where `name` is one kind of them only. */
const guests: ReadonlySet<string> = new Set(
  "console cp events exec forward logs mount pause qmp restart resume shell ssh ssh-config ssh-connect stop wait".split(
    " ",
  ),
);
const vms: ReadonlySet<string> = new Set(
  "clone config disk edit rename resize rm run set snapshot start".split(" "),
);

/** What an option's value is; undefined where nobody has said it yet, `none` for one that takes no value. @param path such as `kconfig merge` */
export function kindOfOption(path: string, option: OptionDescription): ValueKind | "none" | undefined {
  const { placeholder } = option;
  if (placeholder === undefined) return "none";
  // The description has the values.
  if (option.choices !== undefined) return "free";
  const flag = optionName(option);
  return byFlag[`${path} ${flag}`] ?? byFlag[flag] ?? byPlaceholder[placeholder];
}

/** What an argument is; undefined where nobody has said it yet. */
export function kindOfArgument(path: string, argument: ArgumentDescription): ValueKind | undefined {
  const { name } = argument;
  const own = byArgument[`${path} ${name}`];
  if (own !== undefined) return own;
  if (name !== "name" && name !== "names") return byPlaceholder[name];
  const [first = ""] = path.split(" ");
  if (guests.has(first)) return "guest";
  return vms.has(first) ? "vm" : "machine";
}
