import { INSTALL_OPTIONS, type InstallArguments, type InstallOption } from "@vm/arch-installer";
import { allFeatures } from "@vm/kernel-build";
import { parseKernelParameters } from "@vm/qemu-argv";
import { checkMemory, checkVmName } from "@vm/vm-store";
import * as v from "valibot";
import { complaintKinds } from "./complaint-kinds.js";
import type * as request from "./request.js";

/** The most that a timer of Node takes, in milliseconds. */
const maxTimerMs = 0x7fff_ffff;

/** No argument, path or command of a POSIX system holds a NUL. */
const text = v.pipe(
  v.string(),
  v.check((value) => !value.includes("\0"), "a text without NUL"),
);
const word = v.pipe(text, v.minLength(1, "a text that is not empty"));
const path = v.pipe(
  word,
  v.description("A path; a relative one is relative to the directory of the host's."),
);
const texts = v.pipe(v.array(text), v.readonly());
const words = v.pipe(v.array(word), v.readonly());
const count = v.pipe(
  v.number(),
  v.integer("a whole number"),
  v.minValue(1, "a number from 1 on"),
  v.maxValue(999_999, "a number of at most six digits"),
);
const milliseconds = v.pipe(
  v.number(),
  v.minValue(1, "a time of at least 1 ms"),
  v.maxValue(maxTimerMs, `a time of at most ${maxTimerMs} ms`),
  v.description("Milliseconds."),
);
const memory = v.pipe(
  text,
  v.check(passes(checkMemory), "an amount of memory as QEMU writes it, such as 2G"),
  v.description("As QEMU writes it: 512M, 2G; MiB without a suffix."),
);
const vmName = v.pipe(
  text,
  v.check(passes(checkVmName), "a name for a virtual machine, such as TestVM"),
  v.description("The name of a virtual machine."),
);
const kernelName = v.pipe(
  word,
  v.description(
    "All that `-k` takes: a build tree, an image, a package, an installed release, git:REVISION.",
  ),
);
const accelerator = v.picklist(["auto", "kvm", "tcg"]);

/** An object with these fields and no others; the message for another one lists them. */
function object<const Entries extends v.ObjectEntries>(
  entries: Entries,
): v.StrictObjectSchema<Entries, (issue: v.StrictObjectIssue) => string> {
  return v.strictObject(entries, (issue) =>
    issue.expected === "never" ? Object.keys(entries).join(", ") : `Expected ${issue.expected}`,
  );
}

/** Whether a check of ours lets a text pass. */
function passes(check: (text: string) => unknown): (text: string) => boolean {
  return (value) => {
    try {
      check(value);
      return true;
    } catch {
      return false;
    }
  };
}

const revisionEntries = {
  jobs: v.exactOptional(count),
  fragments: v.exactOptional(words),
  base: v.exactOptional(word),
  arch: v.exactOptional(word),
};
const { jobs: _, ...configurationEntries } = revisionEntries;
const revisionBuild = v.pipe(
  object(revisionEntries),
  v.description("How git:REVISION is built; for nothing else."),
);

const bootEntries = {
  build: v.exactOptional(revisionBuild),
  parameters: v.exactOptional(
    v.pipe(
      v.array(
        v.pipe(
          text,
          v.check(
            passes(parseKernelParameters),
            'kernel parameters with closed quotes and no "--", such as loglevel=7',
          ),
        ),
      ),
      v.readonly(),
    ),
  ),
  busybox: v.exactOptional(path),
  share: v.exactOptional(v.picklist(["9p", "virtiofs", "auto"])),
};

const NO_REVISION = "nothing: it says how git:REVISION is built, and there is none";

function isRevision(name: string): boolean {
  return name.startsWith("git:");
}

const bootedKernel = v.pipe(
  object({ name: kernelName, initrd: v.exactOptional(path), ...bootEntries }),
  v.forward(
    v.check(({ name, build }) => build === undefined || isRevision(name), NO_REVISION),
    ["build"],
  ),
  v.forward(
    v.check(
      ({ initrd, busybox }) => initrd === undefined || busybox === undefined,
      "nothing: it is for an initramfs that vm makes, and `initrd` names one",
    ),
    ["busybox"],
  ),
);

const debug = object({
  gdb: v.exactOptional(
    object({
      endpoint: v.exactOptional(
        v.variant("kind", [
          object({ kind: v.literal("socket"), path }),
          object({
            kind: v.literal("port"),
            port: v.pipe(
              v.number(),
              v.integer("a whole number"),
              v.minValue(1, "a port from 1 on"),
              v.maxValue(65_535, "a port up to 65535"),
            ),
          }),
        ]),
      ),
      start: v.exactOptional(v.picklist(["at-once", "when-told"])),
    }),
  ),
  dump: v.exactOptional(path),
  trace: v.exactOptional(
    v.pipe(
      v.array(
        v.pipe(
          text,
          v.regex(/^(?:[\w*?-]+:)?[\w*?-]+$/, "the name of a trace event, such as sched:sched_switch"),
        ),
      ),
      v.minLength(1, "at least one event"),
      v.readonly(),
    ),
  ),
});

const machineEntries = {
  accelerator: v.exactOptional(accelerator),
  cpus: v.exactOptional(count),
  memory: v.exactOptional(memory),
};
const qemuEntries = { qemuOptions: v.exactOptional(texts), debug: v.exactOptional(debug) };

const embeddedEntries = {
  kind: v.literal("embedded"),
  root: v.exactOptional(path),
  shares: v.exactOptional(
    v.pipe(v.array(object({ path, access: v.picklist(["read-only", "read-write"]) })), v.readonly()),
  ),
  expose: v.exactOptional(v.pipe(v.array(path), v.readonly())),
  user: v.exactOptional(v.picklist(["caller", "root"])),
  network: v.exactOptional(v.picklist(["none", "isolated", "user"])),
};
const diskWrites = v.picklist(["ephemeral", "kept"]);
const vmGuest = object({ kind: v.literal("vm"), name: vmName, disks: v.exactOptional(diskWrites) });
const embeddedGuest = object({
  ...embeddedEntries,
  init: v.exactOptional(v.picklist(["script", "systemd"])),
});

const limitEntries = {
  timeoutMs: v.exactOptional(milliseconds),
  bootTimeoutMs: v.exactOptional(
    v.union([milliseconds, v.picklist(["none", "usual"])], `a number of milliseconds, "none" or "usual"`),
  ),
  failOn: v.exactOptional(v.pipe(v.array(v.picklist(complaintKinds)), v.readonly())),
};

const runVm = v.pipe(
  object({
    operation: v.literal("run-vm"),
    vm: vmName,
    disks: v.exactOptional(diskWrites),
    kernel: v.exactOptional(bootedKernel),
    ...machineEntries,
    ...qemuEntries,
  }),
  v.forward(
    v.check(
      ({ kernel, debug: look }) => kernel !== undefined || look?.trace === undefined,
      "nothing: only a kernel of the host (`kernel`) takes its parameters",
    ),
    ["debug"],
  ),
);

const runCommand = v.pipe(
  object({
    operation: v.literal("run-command"),
    kernel: bootedKernel,
    guest: v.exactOptional(v.variant("kind", [vmGuest, embeddedGuest])),
    name: v.exactOptional(text),
    command: v.exactOptional(
      v.pipe(
        object({
          text: v.exactOptional(text),
          input: v.exactOptional(v.picklist(["none", "pipe", "terminal"])),
          ...limitEntries,
        }),
        v.forward(
          v.check(
            ({ text: command, input = "terminal" }) => command !== undefined || input === "terminal",
            "terminal, which a shell reads from, or a `text`",
          ),
          ["input"],
        ),
      ),
    ),
    ...machineEntries,
    ...qemuEntries,
  }),
  v.forward(
    v.check(
      ({ guest, command }) => guest?.kind !== "vm" || command?.text !== undefined,
      "a `text`: a virtual machine's own shell is that of the operation run-vm",
    ),
    ["command"],
  ),
);

/** It becomes part of the kernel's command line. */
const kunitGlob = v.pipe(
  v.string(),
  v.regex(/^[-\w.*?[\]!]+$/, "names of suites and tests with * and ?, such as list*"),
);

const test = v.pipe(
  object({
    operation: v.literal("test"),
    kernels: v.pipe(v.array(kernelName), v.minLength(1, "at least one kernel"), v.readonly()),
    boot: v.exactOptional(object(bootEntries)),
    tests: v.exactOptional(
      v.pipe(
        v.array(
          v.union(
            [object({ command: text }), object({ file: path }), object({ kunit: kunitGlob })],
            "an object with `command`, `file` or `kunit`",
          ),
        ),
        v.readonly(),
      ),
    ),
    guest: v.exactOptional(object(embeddedEntries)),
    command: v.exactOptional(object(limitEntries)),
    results: v.exactOptional(v.literal("ktap")),
    jobs: v.exactOptional(count),
    onFailure: v.exactOptional(v.picklist(["go-on", "stop"])),
    ...machineEntries,
  }),
  v.forward(
    v.check(({ kernels, boot }) => boot?.build === undefined || kernels.some(isRevision), NO_REVISION),
    ["boot", "build"],
  ),
);

const kernel = v.pipe(
  object({
    operation: v.literal("kernel"),
    kernel: kernelName,
    build: v.exactOptional(revisionBuild),
  }),
  v.forward(
    v.check(({ kernel: name, build }) => build === undefined || isRevision(name), NO_REVISION),
    ["build"],
  ),
);

const fetchKernel = object({
  operation: v.literal("fetch-kernel"),
  release: v.pipe(word, v.description("debian:SUITE or a version.")),
  arch: v.exactOptional(word),
  flavour: v.exactOptional(word),
  mirror: v.exactOptional(word),
  keyring: v.exactOptional(path),
});

const modules = object({ operation: v.literal("modules"), kernel: kernelName });

const gdb = object({
  operation: v.literal("gdb"),
  vm: vmName,
  vmlinux: v.exactOptional(path),
  arguments: v.exactOptional(texts),
});

const dump = object({ operation: v.literal("dump"), vm: vmName, file: path });

const mergeConfig = object({
  operation: v.literal("merge-config"),
  fragments: v.pipe(v.array(word), v.minLength(1, "at least one fragment"), v.readonly()),
  tree: path,
  buildDirectory: v.exactOptional(path),
  output: v.exactOptional(path),
  base: v.exactOptional(word),
  arch: v.exactOptional(word),
});

const checkConfig = v.pipe(
  object({
    operation: v.literal("check-config"),
    kernel: kernelName,
    build: v.exactOptional(object(configurationEntries)),
    fragments: v.exactOptional(words),
    features: v.exactOptional(v.pipe(v.array(v.picklist(allFeatures)), v.readonly())),
    otherForm: v.exactOptional(v.picklist(["enough", "lost"])),
    source: v.exactOptional(path),
  }),
  v.forward(
    v.check(({ kernel: name, build }) => build === undefined || isRevision(name), NO_REVISION),
    ["build"],
  ),
);

const install = object({
  operation: v.literal("install"),
  vm: vmName,
  cpus: v.exactOptional(count),
  memory: v.exactOptional(memory),
  diskSize: v.exactOptional(word),
  accelerator: v.exactOptional(accelerator),
  from: v.exactOptional(
    v.variant("kind", [
      v.pipe(
        object({
          kind: v.literal("iso"),
          file: v.exactOptional(path),
          keyring: v.exactOptional(path),
        }),
        v.forward(
          v.check(
            ({ file, keyring }) => file === undefined || keyring === undefined,
            "nothing: it is for an image that is downloaded",
          ),
          ["keyring"],
        ),
      ),
      object({
        kind: v.literal("host"),
        kernel: kernelName,
        pacmanConfiguration: v.exactOptional(path),
      }),
    ]),
  ),
  mirror: v.exactOptional(word),
  installation: v.exactOptional(installationSchema()),
  timeoutMs: v.exactOptional(milliseconds),
  silenceMs: v.exactOptional(milliseconds),
  afterFailure: v.exactOptional(v.pipe(v.array(v.picklist(["keep", "shell"])), v.readonly())),
  log: v.exactOptional(path),
});

/** As the table of its options has it. */
function installationSchema(): v.GenericSchema<InstallArguments> {
  const entries = INSTALL_OPTIONS.map((option) => [option.key, v.exactOptional(installValue(option))]);
  return object({ ...Object.fromEntries(entries), config: v.exactOptional(path) });
}

function installValue({ type, choices, pattern, expected, description }: InstallOption): v.GenericSchema {
  const one =
    choices !== undefined
      ? v.picklist(choices)
      : pattern === undefined
        ? text
        : v.pipe(v.string(), v.regex(new RegExp(`^(?:${pattern})$`), expected ?? pattern));
  switch (type) {
    case "string":
      return v.pipe(one, v.description(description));
    case "strings":
      return v.pipe(v.array(one), v.description(description));
    case "boolean":
      return v.pipe(v.boolean(), v.description(description));
    case "string or true":
      return v.pipe(v.union([one, v.literal(true)], "a text, or true"), v.description(description));
    default:
      return type satisfies never;
  }
}

/** One schema for each operation, by its name. */
export const requestSchemas: {
  readonly [operation in request.Request["operation"]]: v.GenericSchema<
    Extract<request.Request, { operation: operation }>
  >;
} = {
  "run-vm": runVm,
  "run-command": runCommand,
  test,
  install,
  kernel,
  "fetch-kernel": fetchKernel,
  modules,
  gdb,
  dump,
  "merge-config": mergeConfig,
  "check-config": checkConfig,
};
