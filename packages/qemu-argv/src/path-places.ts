// Where QEMU's options name files of the host: qemu-options.hx and qapi/*.json of QEMU 7.2 to 11.1, and what the code of each does
// with the name.

/**
 * How QEMU takes the name of a file:
 * - `file`: opens it as it stands.
 * - `data`: looks in its data directories when there is no such file (system/datadir.c): `bios-256k.bin`.
 * - `program`: a name without a slash is searched for elsewhere: in PATH, or among keyboard layouts.
 * - `script`: runs it; `no` is none.
 * - `image`: as a disk image, whose protocol may stand before a colon.
 * - `files`: several of them, with colons between.
 * - `bus-address`: of D-Bus, `unix:path=PATH`.
 * - `character-device`, `guest-forward`, `vnc`: behind a word that says what it is, as in `unix:PATH`.
 */
export type PathKind =
  | "file"
  | "data"
  | "program"
  | "script"
  | "image"
  | "files"
  | "bus-address"
  | "character-device"
  | "guest-forward"
  | "vnc";

/** Flags whose whole argument names a file. `-D`, say, or `-serial`. */
export const valuePlaces: Readonly<Record<string, PathKind>> = {
  D: "file",
  L: "file",
  bios: "data",
  cdrom: "image",
  chroot: "file",
  debugcon: "character-device",
  dtb: "data",
  "dump-vmstate": "file",
  fda: "image",
  fdb: "image",
  gdb: "character-device",
  hda: "image",
  hdb: "image",
  hdc: "image",
  hdd: "image",
  initrd: "file",
  k: "program",
  kernel: "file",
  "mem-path": "file",
  monitor: "character-device",
  mtdblock: "image",
  parallel: "character-device",
  pflash: "image",
  pidfile: "file",
  qmp: "character-device",
  "qmp-pretty": "character-device",
  qtest: "character-device",
  "qtest-log": "file",
  readconfig: "file",
  sd: "image",
  serial: "character-device",
  shim: "file",
  smb: "file",
  tftp: "file",
  virtioconsole: "character-device",
  writeconfig: "file",
};

const tls: Readonly<Record<string, PathKind>> = Object.fromEntries(
  ["x509-dir", "x509-key-file", "x509-cert-file", "x509-cacert-file", "x509-dh-key-file"].map((key) => [
    key,
    "file",
  ]),
);

const network: Readonly<Record<string, PathKind>> = {
  downscript: "script",
  guestfwd: "guest-forward",
  helper: "program",
  "map-path": "file",
  script: "script",
  smb: "file",
  // A directory, or the URL of a VDE network.
  sock: "image",
  tftp: "file",
  vhostdev: "file",
};

/** Properties that name a file, of a flag whatever its type is. What JSON nests is named with dots. */
export const propertyPlaces: Readonly<Record<string, Readonly<Record<string, PathKind>>>> = {
  accel: { device: "file", "rapl-helper-socket": "file" },
  acpitable: { data: "files", file: "files" },
  boot: { splash: "data" },
  chardev: { "input-path": "file", logfile: "file", path: "file" },
  device: {
    cdat: "file",
    evdev: "file",
    frudatafile: "file",
    hidraw: "file",
    jsonfile: "file",
    pcap: "file",
    pcapfile: "file",
    romfile: "data",
    rootdir: "file",
    sdrfile: "file",
    hostdevice: "file",
    sysfsdev: "file",
    "wayland-socket-path": "file",
    vhostdev: "file",
  },
  display: { addr: "bus-address", rendernode: "file", vnc: "vnc" },
  drive: { file: "image" },
  fsdev: { path: "file", socket: "file" },
  fw_cfg: { file: "file" },
  icount: { rrfile: "file" },
  machine: {
    "boot.splash": "data",
    dtb: "data",
    dumpdtb: "file",
    firmware: "data",
    initrd: "file",
    kernel: "file",
    shim: "file",
  },
  net: network,
  netdev: network,
  nic: network,
  object: {
    "dh-cert-file": "file",
    dir: "file",
    evdev: "file",
    file: "file",
    filename: "file",
    log: "file",
    "mem-path": "file",
    path: "file",
    "session-file": "file",
    "sev-device": "file",
  },
  "option-rom": { romfile: "data" },
  plugin: { file: "program" },
  "run-with": { chroot: "file" },
  smbios: { file: "file", path: "file" },
  spice: { ...tls, rendernode: "file" },
  tpmdev: { "cancel-path": "file", path: "file" },
  trace: { events: "file", file: "file" },
  virtfs: { path: "file", socket: "file" },
  vnc: { ...tls, vnc: "vnc" },
};

/** Properties that name a file with one type of a flag only. */
export const typedPlaces: Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, PathKind>>>>>
> = {
  audio: { oss: { "in.dev": "file", "out.dev": "file" }, wav: { path: "file" } },
  audiodev: { oss: { "in.dev": "file", "out.dev": "file" }, wav: { path: "file" } },
  device: {
    canokey: { file: "file" },
    "ccid-card-emulated": { db: "file" },
    "guest-loader": { initrd: "file", kernel: "file" },
    loader: { file: "data" },
    "u2f-emulated": { cert: "file", counter: "file", dir: "file", entropy: "file", privkey: "file" },
  },
  net: { passt: { path: "program" } },
  netdev: { passt: { path: "program" } },
  nic: { passt: { path: "program" } },
  object: { "dbus-display": { addr: "bus-address" }, "dbus-vmstate": { addr: "bus-address" } },
};

/** Properties of a block node that name a file of the host, by its driver. */
export const blockPlaces: Readonly<Record<string, readonly string[]>> = {
  blkdebug: ["config"],
  gluster: ["logfile"],
  nbd: ["path"],
  "nvme-io_uring": ["path"],
  rbd: ["conf"],
  "virtio-blk-vfio-pci": ["path"],
  "virtio-blk-vhost-user": ["path"],
  "virtio-blk-vhost-vdpa": ["path"],
  vvfat: ["dir"],
};

/** Block drivers whose `filename` is none of the host. */
export const remoteBlockDrivers: readonly string[] = [
  "ftp",
  "ftps",
  "gluster",
  "http",
  "https",
  "iscsi",
  "nbd",
  "nfs",
  "null-aio",
  "null-co",
  "nvme",
  "rbd",
  "sheepdog",
  "ssh",
  "vxhs",
];

/** The firmware that QEMU has in its data directories (its pc-bios/, SeaBIOS and iPXE): such a name alone is not a file in the working directory. */
export const shippedFirmware: RegExp =
  /^(?:(?:bios|bios-256k|bios-microvm|kvmvapic|linuxboot|linuxboot_dma|multiboot|multiboot_dma|pvh|sgabios|slof|vof|QEMU,(?:VGA|cgthree|tcx)|vgabios(?:-[a-z-]+)?|npcm\dxx_bootrom|u-boot-sam460(?:-\d+)?|ast\d+[a-z]*_bootrom)\.bin|(?:efi|pxe)-[a-z0-9_]+\.rom|qboot\.rom|edk2-[a-z0-9_-]+\.fd|hppa-firmware(?:64)?\.img|s390-(?:ccw|netboot)\.img|skiboot\.lid|u-boot\.e500|openbios-[a-z0-9]+|palcode-clipper|opensbi-[a-z0-9_-]+\.(?:bin|elf)|(?:bamboo|canyonlands|pegasos[12]|petalogix-(?:ml605|s3adsp1800))\.dtb)$/;
