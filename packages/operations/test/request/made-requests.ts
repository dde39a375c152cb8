import type { DebugSettings, MachineSettings, Request } from "../../src/index.js";

const debug: Required<DebugSettings> = {
  gdb: { endpoint: { kind: "port", port: 1234 }, start: "when-told" },
  dump: "core",
  trace: ["sched:sched_switch", "irq:*"],
};
const machine: Required<MachineSettings> = {
  accelerator: "tcg",
  qemu: "/opt/qemu/bin/qemu-system-x86_64",
  cpus: 2,
  memory: "2G",
  qemuOptions: ["-device", "virtio-rng-pci"],
  debug,
};
const build = { jobs: 4, fragments: ["qemu", "kasan"], base: "defconfig", arch: "arm64" };
const kernel = {
  name: "git:HEAD~3",
  build,
  initrd: "initrd",
  parameters: ["debug", "a=b c"],
  share: "9p",
} as const;
const { jobs: _, ...configuration } = build;

/** Requests with every field, and with none that may be absent: for each operation at least one of either. */
export const madeRequests: { readonly [operation in Request["operation"]]: readonly Request[] } = {
  "run-vm": [
    { operation: "run-vm", vm: "TestVM" },
    { operation: "run-vm", vm: "TestVM", kernel, disks: "ephemeral", ...machine },
  ],
  "run-command": [
    { operation: "run-command", kernel: { name: "." } },
    {
      operation: "run-command",
      kernel: { name: "linux", busybox: "busybox", share: "auto" },
      guest: { kind: "vm", name: "TestVM", disks: "kept" },
      command: { text: "true" },
    },
    {
      operation: "run-command",
      kernel,
      guest: {
        kind: "embedded",
        root: "/srv/root",
        shares: [
          { path: "data", target: "/mnt/data", access: "read-only" },
          { path: "out", access: "read-write" },
        ],
        expose: ["~/.ssh"],
        user: "caller",
        init: "systemd",
        network: "isolated",
      },
      command: {
        text: "uname -r",
        input: "none",
        timeoutMs: 90_000,
        bootTimeoutMs: "none",
        failOn: ["warn", "lockdep"],
        environment: { A: "b c", EMPTY: "" },
      },
      ...machine,
    },
    {
      operation: "run-command",
      kernel: { name: "linux" },
      guest: { kind: "vm", name: "TestVM" },
      command: { input: "terminal", afterwards: "shell" },
    },
  ],
  test: [
    { operation: "test", kernels: ["."] },
    {
      operation: "test",
      kernels: ["a", "git:v6.12"],
      boot: { build: configuration, parameters: ["quiet"], busybox: "busybox", share: "virtiofs" },
      tests: [{ command: "uname -r" }, { file: "reproduce.sh" }],
      guest: { kind: "embedded", root: "/", shares: [], expose: [], user: "root", network: "user" },
      command: { timeoutMs: 1.5, bootTimeoutMs: 60_000, failOn: [], environment: { A: "b" } },
      jobs: 2,
      qemu: "qemu-kvm",
      onFailure: "stop",
      accelerator: "auto",
      cpus: 1,
      memory: "512",
    },
  ],
  install: [
    { operation: "install", vm: "TestVM" },
    {
      operation: "install",
      vm: "TestVM",
      cpus: 2,
      memory: "1G",
      diskSize: "16G",
      accelerator: "kvm",
      qemu: "qemu-kvm",
      from: { kind: "host", kernel: "~/linux", pacmanConfiguration: "pacman.conf" },
      mirror: "http://mirror.example/archlinux",
      installation: { config: "install.json", fs: "btrfs", packages: ["vim"], autologin: true, yes: true },
      timeoutMs: 5_400_000,
      silenceMs: 60_000,
      afterFailure: ["keep", "shell"],
      log: "install.log",
    },
    { operation: "install", vm: "TestVM", from: { kind: "iso", keyring: "keys" } },
  ],
  kernel: [
    { operation: "kernel", kernel: "6.12.5-arch1-1" },
    { operation: "kernel", kernel: "git:HEAD", build },
  ],
  "fetch-kernel": [
    { operation: "fetch-kernel", release: "debian:sid" },
    {
      operation: "fetch-kernel",
      release: "6.12",
      arch: "arm64",
      flavour: "cloud",
      mirror: "http://mirror.example/debian",
      keyring: "keys",
    },
  ],
  modules: [{ operation: "modules", kernel: "linux" }],
  gdb: [
    { operation: "gdb", vm: "TestVM" },
    { operation: "gdb", vm: "TestVM", vmlinux: "vmlinux", arguments: ["-batch", "-ex", "bt"] },
  ],
  dump: [{ operation: "dump", vm: "TestVM", file: "/tmp/core" }],
  "merge-config": [
    { operation: "merge-config", fragments: ["qemu"], tree: "." },
    {
      operation: "merge-config",
      fragments: ["qemu", "my.fragment"],
      tree: "linux",
      buildDirectory: "build",
      output: "config",
      base: "tinyconfig",
      arch: "arm64",
    },
  ],
  "check-config": [
    { operation: "check-config", kernel: "/boot/config" },
    {
      operation: "check-config",
      kernel: "git:v6.12",
      build: configuration,
      fragments: ["xfstests"],
      features: ["disk", "network"],
      otherForm: "lost",
      source: "linux",
    },
  ],
  "remove-vm": [{ operation: "remove-vm", vm: "TestVM" }],
  "rename-vm": [{ operation: "rename-vm", vm: "TestVM", newName: "OldVM" }],
  "import-vm": [
    { operation: "import-vm", vm: "TestVM", image: "debian.qcow2" },
    {
      operation: "import-vm",
      vm: "TestVM",
      image: "disk.raw.xz",
      format: "raw",
      cpus: "4",
      memory: "4G",
      size: "20G",
      disks: ["1G"],
      bus: "nvme",
      arch: "aarch64",
      user: "me",
      sshKey: ["id.pub"],
      hostname: "testvm",
    },
  ],
  "clone-vm": [
    { operation: "clone-vm", vm: "TestVM", newName: "Copy" },
    { operation: "clone-vm", vm: "TestVM", newName: "Copy", disks: "linked" },
  ],
  "resize-disk": [
    { operation: "resize-disk", vm: "TestVM", size: "+10G" },
    { operation: "resize-disk", vm: "TestVM", size: "20G", disk: "disk1.qcow2" },
  ],
  "set-machine": [
    { operation: "set-machine", vm: "TestVM" },
    { operation: "set-machine", vm: "TestVM", cpus: "4", memory: "4G" },
  ],
  "add-disk": [
    { operation: "add-disk", vm: "TestVM", size: "10G" },
    { operation: "add-disk", vm: "TestVM", size: "10G", bus: "nvme" },
  ],
  "remove-disk": [
    { operation: "remove-disk", vm: "TestVM", disk: "disk1.qcow2" },
    { operation: "remove-disk", vm: "TestVM", disk: "disk1.qcow2", image: "keep" },
  ],
  "create-snapshot": [{ operation: "create-snapshot", vm: "TestVM", tag: "before" }],
  "restore-snapshot": [{ operation: "restore-snapshot", vm: "TestVM", tag: "before" }],
  "delete-snapshot": [{ operation: "delete-snapshot", vm: "TestVM", tag: "before" }],
  exec: [
    { operation: "exec", guest: "TestVM" },
    { operation: "exec", guest: "TestVM", command: ["sh", "-c", "", "a b"], input: "none" },
  ],
  ssh: [
    { operation: "ssh", guest: "TestVM" },
    { operation: "ssh", guest: "TestVM", arguments: ["-L", "8080:localhost:80"] },
  ],
  copy: [
    { operation: "copy", from: ["reproduce"], to: "TestVM:/tmp/" },
    { operation: "copy", from: ["TestVM:a", "TestVM:b"], to: ".", preserve: true },
  ],
  forward: [
    { operation: "forward", guest: "TestVM", ports: [{ port: 8080, targetPort: 80 }] },
    {
      operation: "forward",
      guest: "TestVM",
      ports: [
        { direction: "to-host", address: "::1", port: 1, targetAddress: "localhost", targetPort: 65_535 },
      ],
      wish: "cancel",
    },
  ],
  mount: [
    { operation: "mount", guest: "TestVM", directory: "/mnt" },
    { operation: "mount", guest: "TestVM", directory: "/mnt", from: "/var/log", access: "read-only" },
  ],
  "prune-cache": [{ operation: "prune-cache" }, { operation: "prune-cache", limit: "10G" }],
  doctor: [{ operation: "doctor" }, { operation: "doctor", kernel: "host" }],
  "list-cache": [{ operation: "list-cache" }],
  "ssh-config": [{ operation: "ssh-config", guests: ["TestVM", "guest-1"] }],
  decode: [
    { operation: "decode", kernel: "~/linux" },
    { operation: "decode", kernel: "git:HEAD", build, log: "console.log", modules: ["hello.ko"] },
  ],
  list: [{ operation: "list" }],
  info: [{ operation: "info", vm: "TestVM" }],
  "show-config": [{ operation: "show-config", vm: "TestVM" }],
  "list-snapshots": [{ operation: "list-snapshots", vm: "TestVM" }],
  "create-vm": [
    { operation: "create-vm", vm: "TestVM" },
    {
      operation: "create-vm",
      vm: "TestVM",
      cpus: "2",
      memory: "2G",
      size: "16G",
      disks: ["10G"],
      bus: "nvme",
      arch: "aarch64",
    },
  ],
  "edit-config": [{ operation: "edit-config", vm: "TestVM" }],
  "modules-package": [
    { operation: "modules-package", directory: "." },
    { operation: "modules-package", directory: "/tmp", format: "deb", compression: "none" },
  ],
  start: [
    { operation: "start", run: { operation: "run-vm", vm: "TestVM" } },
    {
      operation: "start",
      run: { operation: "run-command", kernel: { name: "." } },
      name: "try",
      until: "started",
      upTimeoutMs: 60_000,
    },
  ],
  stop: [
    { operation: "stop", guests: "all" },
    { operation: "stop", guests: ["TestVM"], way: "power-off", timeoutMs: 30_000 },
  ],
  restart: [
    { operation: "restart", guest: "TestVM" },
    { operation: "restart", guest: "TestVM", way: "at-once", until: "started" },
  ],
  pause: [{ operation: "pause", guest: "TestVM" }],
  resume: [{ operation: "resume", guest: "TestVM" }],
  wait: [
    { operation: "wait", guest: "TestVM", event: "up" },
    { operation: "wait", guest: "TestVM", event: "panic", timeoutMs: 1000 },
  ],
  events: [{ operation: "events", guest: "TestVM" }],
  logs: [
    { operation: "logs", guest: "TestVM" },
    { operation: "logs", guest: "TestVM", follow: "yes" },
  ],
  console: [{ operation: "console", guest: "TestVM" }],
  qmp: [
    { operation: "qmp", guest: "TestVM", command: "query-status" },
    {
      operation: "qmp",
      guest: "TestVM",
      command: "x",
      arguments: { "command-line": "info", deep: [1, null] },
    },
  ],
  "plan-cells": [{ operation: "plan-cells", test: { operation: "test", kernels: ["."] }, directory: "plan" }],
  "run-cells": [
    { operation: "run-cells", directory: "plan" },
    {
      operation: "run-cells",
      directory: "plan",
      choice: { kind: "shard", shard: 3, of: 10 },
      jobs: 2,
      flaky: "fail",
      seed: 0,
      attempt: 4,
    },
    { operation: "run-cells", directory: "plan", choice: { kind: "cell", cell: 1 } },
  ],
  "collect-cells": [
    { operation: "collect-cells", directory: "plan" },
    {
      operation: "collect-cells",
      directory: "plan",
      wait: "until-answered",
      flaky: "pass",
      onFailure: "stop",
    },
  ],
  "submit-cells": [
    { operation: "submit-cells", directory: "plan", on: { kind: "slurm" } },
    {
      operation: "submit-cells",
      test: { operation: "test", kernels: ["."] },
      on: { kind: "slurm", partition: "a,b" },
      jobs: 20,
      wait: "no",
      flaky: "fail",
      onFailure: "go-on",
    },
  ],
};
