import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Ended, sandbox, type Sandbox } from "./vm.js";

export const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGFyY2gtaW5zdGFsbGVyIHRlc3Qga2V5Li4uLi4u me@here";

/**
 * A stand-in for QEMU that does what the live system would: it finds its ports on the command line, and says there what
 * `PLAY` tells. It also keeps what it was given.
 */
const QEMU = `#!/bin/sh
for word; do
  case $word in
  file,id=vm-status,path=*) status=\${word#*path=} ;;
  file,id=vm-log,path=*) log=\${word#*path=} ;;
  user,id=vm-net,tftp=*) tftp=\${word#*tftp=} ;;
  esac
  [ "$before" != -kernel ] || kernel=$word
  before=$word
done
unescape() { printf %s "$1" | sed 's/,,/,/g'; }
status=$(unescape "$status") log=$(unescape "$log") tftp=$(unescape "$tftp")
{ pwd; for word; do printf '%s\\n' "$word"; done; stat -c %a "$tftp/setup.sh"; } | sed 's/[.]new-[0-9a-f-]*/.new/g' > "$RECORD"
cat "$kernel" "$tftp/setup.sh" >> "$RECORD"
echo vm1 started > "$status"
echo '==> arch-install [1/1] Work' > "$log"
case $PLAY in
hang) exec sleep 60 ;;
fail) echo '==> arch-install failed: [1/1] Work: line 1: false (status 1)' >> "$log"; echo vm1 exited 1 >> "$status" ;;
*) echo '==> arch-install done: x is installed on /dev/vda' >> "$log"; echo vm1 exited 0 >> "$status" ;;
esac
`;

export interface Stage extends Sandbox {
  readonly env: Readonly<Record<string, string>>;
  readonly install: (name: string, ...options: string[]) => Promise<Ended>;
  readonly record: () => string;
}

/** A sandbox with that QEMU, and an image with the boot files of a live system. */
export function stage(play = "succeed"): Stage {
  const box = sandbox();
  const image = join(box.root, "image");
  mkdirSync(join(image, "arch/boot/x86_64"), { recursive: true });
  mkdirSync(join(image, "loader/entries"), { recursive: true });
  writeFileSync(join(image, "arch/boot/x86_64/vmlinuz-linux"), "the kernel\n");
  writeFileSync(join(image, "arch/boot/x86_64/initramfs-linux.img"), "the initramfs\n");
  writeFileSync(
    join(image, "loader/entries/01.conf"),
    "linux /arch/boot/x86_64/vmlinuz-linux\ninitrd /arch/boot/x86_64/initramfs-linux.img\noptions archisobasedir=arch archisolabel=X\n",
  );
  const made = spawnSync("xorriso", [
    "-as",
    "mkisofs",
    "-quiet",
    "-R",
    "-o",
    join(box.cwd, "arch.iso"),
    image,
  ]);
  if (made.status !== 0) throw new Error(made.stderr.toString());
  const programs = join(box.root, "bin");
  mkdirSync(programs);
  writeFileSync(join(programs, "qemu-system-x86_64"), QEMU);
  chmodSync(join(programs, "qemu-system-x86_64"), 0o755);
  writeFileSync(join(box.cwd, "id.pub"), `${KEY}\n`);
  const env = {
    PATH: `${programs}:${process.env["PATH"]}`,
    RECORD: join(box.root, "record"),
    PLAY: play,
    VM_CACHE_HOME: join(box.root, "cache"),
  };
  const options = ["--iso", "arch.iso", "--ssh-key", "id.pub", "--hostname", "x", "-s", "1M"];
  return {
    ...box,
    env,
    install: (name, ...more) => box.vmWith(env, "install", name, ...options, ...more),
    record: () => readFileSync(env.RECORD, "utf8"),
  };
}
