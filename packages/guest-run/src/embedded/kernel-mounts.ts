import type { KernelOptions } from "@vm/kernel-build";
import type { Mount } from "../share/mount-table.js";

/** Mounted only when the kernel is known to have it: a failing mount costs a line on the console. */
const EXTRAS: readonly (readonly [option: string, mount: Mount])[] = [
  [
    "CONFIG_UNIX98_PTYS",
    {
      source: "devpts",
      target: "/dev/pts",
      type: "devpts",
      options: "gid=5,mode=620,ptmxmode=666,X-mount.mkdir",
    },
  ],
  ["CONFIG_CGROUPS", kernelMount("cgroup2", "/sys/fs/cgroup", "cgroup2")],
  ["CONFIG_DEBUG_FS", kernelMount("debugfs", "/sys/kernel/debug")],
  ["CONFIG_TRACING", kernelMount("tracefs", "/sys/kernel/tracing")],
  ["CONFIG_CONFIGFS_FS", kernelMount("configfs", "/sys/kernel/config")],
  ["CONFIG_SECURITYFS", kernelMount("securityfs", "/sys/kernel/security")],
  ["CONFIG_BPF_SYSCALL", kernelMount("bpf", "/sys/fs/bpf", "bpf", ",mode=0700")],
  ["CONFIG_PSTORE", kernelMount("pstore", "/sys/fs/pstore")],
  ["CONFIG_FUSE_FS", kernelMount("fusectl", "/sys/fs/fuse/connections")],
  ["CONFIG_BINFMT_MISC", kernelMount("binfmt_misc", "/proc/sys/fs/binfmt_misc")],
  ["CONFIG_POSIX_MQUEUE", kernelMount("mqueue", "/dev/mqueue", "mqueue", ",X-mount.mkdir")],
  [
    "CONFIG_HUGETLBFS",
    {
      source: "hugetlbfs",
      target: "/dev/hugepages",
      type: "hugetlbfs",
      options: "nosuid,nodev,X-mount.mkdir",
    },
  ],
];

/** The modules of those that a kernel may have as modules: they make the directory to mount on, so mount(8) cannot ask for them. */
const EXTRA_MODULES: { readonly [option: string]: string } = {
  CONFIG_BINFMT_MISC: "binfmt_misc",
  CONFIG_CONFIGFS_FS: "configfs",
  CONFIG_FUSE_FS: "fuse",
  CONFIG_PSTORE: "pstore",
};

/** The options of `.config` that decide about a mount. */
export const MOUNT_OPTIONS: readonly string[] = EXTRAS.map(([option]) => option);

/** As systemd mounts it. Source: systemd's src/shared/mount-setup.c and its units. */
function kernelMount(source: string, target: string, type = source, more = ""): Mount {
  return { source, target, type, options: `nosuid,nodev,noexec${more}` };
}

/** Of what the kernel has built in; of a kernel whose options nobody knows, all. */
export function builtInMounts(kernel: KernelOptions | null): Mount[] {
  return EXTRAS.filter(([option]) => kernel === null || kernel[option] === "y").map(([, mount]) => mount);
}

/** What is mounted once the kernel's modules are there: file systems that the kernel has as modules, and those modules. */
export interface LateMounts {
  readonly modules: readonly string[];
  readonly mounts: readonly Mount[];
}

export function lateMounts(kernel: KernelOptions | null): LateMounts {
  const late = EXTRAS.flatMap(([option, mount]) => {
    const module = EXTRA_MODULES[option];
    return module !== undefined && kernel?.[option] === "m" ? [{ module, mount }] : [];
  });
  return { modules: late.map(({ module }) => module), mounts: late.map(({ mount }) => mount) };
}
