import {
  type InstallCommandOptions,
  installRequest,
  type MatrixOptions,
  type RunOptions,
  runRequest,
  testRequest,
} from "@vm/command-requests";
import { Command } from "commander";
import { readRequest } from "@vm/operations";
import { expect, test } from "vitest";
import { define as defineInstall } from "../src/commands/install.js";
import { define as defineRun } from "../src/commands/run.js";
import { define as defineTest } from "../src/commands/test.js";

type Define = typeof defineRun;

/** What commander makes of these words, for a command with another action. */
function parsed(define: Define, words: string): Command {
  const command = new Command();
  define(command, { env: {}, cwd: "/", setExitCode: () => {} });
  command.exitOverride().action(() => {});
  return command.parse(words.split(" "), { from: "user" });
}

const looks = "--gdb 1234 --gdb-wait --dump core --trace sched:sched_switch,irq:*";
const machine = "--accel tcg -c 2 -m 2G";
const git = "-j 3 --fragments qemu,kasan --base defconfig --arch arm64";
const kernel = "-a debug -a quiet --share 9p";

const runs: readonly [words: string, after?: readonly string[]][] = [
  ["X"],
  ["X --ephemeral"],
  ["X -k linux --ephemeral --exec true"],
  [`X -k linux -i initrd ${kernel} ${machine} ${looks}`, ["-device", "virtio-rng-pci"]],
  [`X -k git:HEAD ${git}`],
  ["-k ."],
  [
    "-k . --env A=b --env B= --share ./data:/mnt/data --share 9p --share out:/mnt/out:rw --qemu qemu-kvm --exec true --shell",
  ],
  ["X -k linux --shell --qemu /opt/qemu --env A=b=c"],
  ["-k . --bisect"],
  [`-k . --exec true -t --timeout 1.5 --boot-timeout none --fail-on warn,lockdep ${machine} ${looks}`],
  [`X -k linux --exec true --no-stdin --boot-timeout 5m --console - --report r.json --junit j.xml`],
  [
    "-k linux --busybox busybox --exec true --root /srv --rw out --ro data --expose ~/.ssh --user --systemd --network isolated",
    ["-s"],
  ],
];

test.each(runs)(
  "vm run %s is a request that survives JSON, as the published schema has it",
  (words, after = []) => {
    const command = parsed(defineRun, words);
    const request = runRequest(command.args[0], command.opts<RunOptions>(), {
      env: {},
      afterDashes: after,
      hasInput: () => true,
    });
    expect(readRequest(JSON.stringify(request))).toStrictEqual(request);
  },
);

test.each([
  "-k .",
  "-k a -k b --exec true a.sh b.sh -j 2 --fail-fast --timeout 5m --boot-timeout 90 --fail-on kasan -c 2 -m 512M",
  "-k git:HEAD --fragments qemu --base tinyconfig --arch arm64 -a quiet --accel kvm --share virtiofs --busybox b",
  "-k . --env A=b --share data:/mnt/data --share virtiofs --qemu qemu-kvm",
  "-k . --root / --rw out --ro data --expose ~/.ssh --user --network user --report r --junit j --html h --json",
])("vm test %s is a request that survives JSON, as the published schema has it", (words) => {
  const command = parsed(defineTest, words);
  const request = testRequest(command.args, command.opts<MatrixOptions>(), { env: {} });
  expect(readRequest(JSON.stringify(request))).toStrictEqual(request);
});

test.each([
  "X",
  "X -c 2 -m 2G -s 16G --accel tcg --iso arch.iso --timeout 90m --silence-timeout 5m --shell --keep --log l",
  "X --mirror http://mirror.example/arch --iso-keyring keys --fs btrfs --packages vim git --autologin --yes",
  "X --bootstrap -k linux --pacman-conf p --hostname h --user me --ssh-key k --run true --no-development",
  "X --config c.json --autologin me --root-password-file p --pacman-mirrors file:///a https://b.example/$repo",
])("vm install %s is a request that survives JSON, as the published schema has it", (words) => {
  const command = parsed(defineInstall, words);
  const request = installRequest(command.args[0] ?? "", command.opts<InstallCommandOptions>());
  expect(readRequest(JSON.stringify(request))).toStrictEqual(request);
});
