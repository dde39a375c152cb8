// @ts-check
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { debianKernel } from "../../e2e/fixtures/debian-kernel.mjs";
import { ROOT } from "../step.mjs";
import { compare, quietEnvironment } from "./pairs.mjs";

/** The tool's own part of a run whose kernel was prepared before may take this long. */
const OWN_PART_MS = 300;

/**
 * Debian's packaged kernel, out of its package file, in the embedded guest.
 * @returns {Promise<import("./pairs.mjs").Row[]>}
 */
export async function bench() {
  const { deb, parts, root, release, image } = await debianKernel({ flavour: "amd64" });
  const scratch = mkdtempSync(join(tmpdir(), "vm-bench-"));
  try {
    const script = join(scratch, "by-hand.sh");
    writeFileSync(script, byHand({ parts, release, image: relative(root, image) }));
    const vm = [process.execPath, join(ROOT, "apps/cli/bin/vm.cjs"), "run", "-k", deb, "--exec", "uname -r"];
    /** @param {string} cache */
    const env = (cache) => quietEnvironment({ VM_ACCEL: "tcg", VM_CACHE_HOME: join(scratch, cache) });
    const cold = compare({
      name: "cold: a .deb, to the output of uname -r",
      measured: (round) => ({ argv: vm, env: env(`cold-${round}`) }),
      floorName: "the same by hand: dpkg-deb, depmod, cpio, QEMU",
      floor: [
        { argv: ["sh", "-e", script, "prepare", join(scratch, "by-hand")] },
        { argv: ["sh", "-e", script, "boot", join(scratch, "by-hand")] },
      ],
      target: 1.2,
      rounds: 3,
    });
    const boot = { argv: ["sh", "-e", script, "boot", join(scratch, "by-hand")] };
    const warm = compare({
      name: "the same when it was unpacked before",
      measured: () => ({ argv: vm, env: env("cold-0") }),
      floorName: "QEMU by hand",
      floor: [boot],
      target: 1.15,
      rounds: 5,
    });
    // A stand-in for QEMU that says when it was started; what becomes of the run is of no interest then.
    const startedFile = join(scratch, "started");
    const stub = join(scratch, "stubs/qemu-system-x86_64");
    mkdirSync(dirname(stub));
    writeFileSync(stub, `#!/bin/sh\nexec date +%s.%N >'${startedFile}'\n`, { mode: 0o755 });
    const stubbed = { ...env("cold-0"), PATH: `${dirname(stub)}:${process.env.PATH}` };
    const toQemu = compare({
      name: "the tool's own part of it, to the exec of QEMU",
      measured: () => ({ argv: ["sh", "-c", '"$@"; exit 0', "sh", ...vm], env: stubbed, startedFile }),
      floorName: "node -e 0",
      floor: [{ argv: [process.execPath, "-e", "0"] }],
      less: { argv: [stub], startedFile },
      target: Number.POSITIVE_INFINITY,
      rounds: 21,
    });
    const own = {
      floorName: "0.3 s",
      floorMs: OWN_PART_MS,
      ratio: toQemu.measuredMs / OWN_PART_MS,
      target: 1,
    };
    return [cold, warm, { ...toQemu, ...own }];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What the root needs, as a person would find it out: modprobe names what comes along, in order. */
const MODULES = ["virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio_console", "virtio_net"];

/**
 * A person's script: `prepare DIRECTORY` unpacks the package and makes an initramfs, `boot DIRECTORY` runs a command on the host's root.
 * @param {{ parts: readonly string[], release: string, image: string }} kernel `image`: relative to the unpacked packages
 */
function byHand({ parts, release, image }) {
  const busybox = execFileSync("sh", ["-c", "command -v busybox"], { encoding: "utf8" }).trim();
  const rootFlags = "trans=virtio,version=9p2000.L,cache=loose,msize=262144";
  return `dir=$2
root=$dir/root
ramfs=$dir/ramfs
if [ "$1" = prepare ]; then
  rm -rf "$dir"
  mkdir -p "$root" "$ramfs/bin" "$ramfs/proc" "$ramfs/mnt"
  for deb in ${parts.map((part) => `'${part}'`).join(" ")}; do dpkg-deb -x "$deb" "$root"; done
  [ -e "$root/lib" ] || ln -s usr/lib "$root/lib"
  depmod -b "$root" ${release}
  cp ${busybox} "$ramfs/bin/busybox"
  { echo '#!/bin/busybox sh'
    for name in ${MODULES.join(" ")}; do
      modprobe -d "$root" -S ${release} --show-depends "$name" | while read -r kind path; do
        [ "$kind" = insmod ] || continue
        cp -n "$path" "$ramfs/"
        echo "/bin/busybox insmod /\${path##*/} 2>/dev/null"
      done
    done
    echo '/bin/busybox mount -t 9p -o ro,${rootFlags} /dev/root /mnt'
    echo 'exec /bin/busybox switch_root /mnt /bin/sh -c "uname -r >/dev/console; mount -t proc p /proc; echo o >/proc/sysrq-trigger; read x"'
  } > "$ramfs/init"
  chmod +x "$ramfs/init"
  (cd "$ramfs" && find . | cpio -o -H newc --quiet) > "$dir/initramfs"
else
  qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none -machine q35 -accel tcg -cpu max -m 1G \\
    -virtfs local,id=root,path=/,mount_tag=/dev/root,security_model=none,readonly=on,multidevs=remap \\
    -serial file:"$dir/console" -kernel "$root/${image}" -initrd "$dir/initramfs" -append 'console=ttyS0 panic=-1' </dev/null
  grep -q '^${release}' "$dir/console"
fi
`;
}
