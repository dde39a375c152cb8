// @ts-check
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { kernelFixture } from "../../e2e/fixtures/kernel.mjs";
import { ROOT } from "../step.mjs";
import { compare, quietEnvironment } from "./pairs.mjs";

const MIB = 1024 * 1024;
const SENT = 64 * MIB;
const ROUNDS = 3;

/**
 * A command in the embedded guest: the whole of it, and the speed of its streams.
 * @returns {Promise<import("./pairs.mjs").Row[]>}
 */
export async function bench() {
  const { build } = await kernelFixture();
  const env = quietEnvironment({ VM_ACCEL: "tcg" });
  const exec = [process.execPath, join(ROOT, "apps/cli/bin/vm.cjs"), "run", "-k", build, "--exec"];
  const start = compare({
    name: "vm run -k K --exec true",
    measured: () => ({ argv: [...exec, "true"], env }),
    floorName: "the same kernel, root and QEMU, init powers off",
    floor: [
      { argv: byHand(build, "mount -t proc p /proc; echo o >/proc/sysrq-trigger; read x", NO_PORT), env },
    ],
    target: 1.05,
    rounds: 9,
  });
  const copy =
    "while ! [ -c /dev/vport*p1 ]; do :; done; for p in /dev/vport*p1; do exec 3<>$p; done; cat <&3 >&3; read x";
  /** @type {{ measuredMs: number, floorMs: number }[]} */
  const pairs = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const measuredMs = await streamMs([...exec, "cat"], env);
    pairs.push({ measuredMs, floorMs: await streamMs(byHand(build, copy, BARE_PORT), env) });
  }
  const middle = pairs.toSorted((a, b) => a.measuredMs / a.floorMs - b.measuredMs / b.floorMs)[ROUNDS >> 1];
  if (middle === undefined) throw new Error("no round");
  return [
    start,
    {
      name: `${SENT / MIB} MiB through --exec cat, first byte to last`,
      measuredMs: middle.measuredMs,
      floorName: "through a bare virtio-serial port",
      floorMs: middle.floorMs,
      ratio: middle.measuredMs / middle.floorMs,
      target: 2,
    },
  ];
}

/**
 * Sends zeros to a program that returns them: the time from the first byte that comes back to the last.
 * @param {readonly string[]} argv
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>}
 */
async function streamMs([program = "", ...args], env) {
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "ignore"] });
  const closed = once(child, "close");
  const block = Buffer.alloc(MIB);
  let sent = 0;
  const send = () => {
    while (sent < SENT) {
      sent += block.length;
      if (!child.stdin.write(block)) return;
    }
  };
  // Without an end: a single port that the host has closed one way takes nothing the other way.
  child.stdin.on("drain", send);
  child.stdin.on("error", () => undefined);
  send();
  let received = 0;
  let first = 0;
  let last = 0;
  for await (const chunk of child.stdout) {
    if (received === 0) first = performance.now();
    received += chunk.length;
    last = performance.now();
    if (received >= SENT) break;
  }
  child.kill();
  await closed;
  if (received !== SENT) throw new Error(`${program} returned ${received} bytes of ${SENT}`);
  return last - first;
}

const NO_PORT = "-chardev null,id=console";
const BARE_PORT = `${NO_PORT} -chardev stdio,id=data,signal=off -device virtio-serial-pci -device virtserialport,chardev=data,nr=1`;

/**
 * QEMU as a person would start it, with a shell command for PID 1.
 * @param {string} build
 * @param {string} init
 * @param {string} devices words
 * @returns {string[]}
 */
function byHand(build, init, devices) {
  const machine =
    "-nodefaults -no-user-config -no-reboot -display none -machine q35 -accel tcg -cpu max -m 1G";
  const root = "local,id=root,path=/,mount_tag=/dev/root,security_model=none,readonly=on,multidevs=remap";
  const rootFlags = "trans=virtio,version=9p2000.L,cache=loose,msize=262144";
  return [
    "qemu-system-x86_64",
    ...`${machine} -virtfs ${root} ${devices} -serial chardev:console -kernel`.split(" "),
    join(build, "arch/x86/boot/bzImage"),
    "-append",
    `console=ttyS0 panic=-1 root=/dev/root rootfstype=9p rootflags=${rootFlags} ro init=/bin/sh -- -c "${init}"`,
  ];
}
