import { readRegular } from "@vm/host-files";
import { applets } from "./busybox.js";
import type { ArchiveEntry } from "./cpio.js";
import type { LoadedModule } from "./load-order.js";
import { readModule } from "./module-file.js";

/** What goes into an initramfs. */
export interface Contents {
  readonly release: string;
  /** In the order of loading. */
  readonly modules: readonly (LoadedModule & { /** Absolute. */ readonly file: string })[];
  /** Types that a root on a disk may have. */
  readonly fileSystems: readonly string[];
  /** The file of busybox. */
  readonly busybox: string;
  readonly init: Uint8Array;
}

/** Reads the files and lays them out as guest/vm-initramfs-init expects them. @throws as `readModule` */
export function initramfsEntries({ release, modules, fileSystems, busybox, init }: Contents): ArchiveEntry[] {
  const list = modules.map(({ use, name }) => `${use} ${name}\n`).join("");
  return [
    ...["bin", "dev", "modules", "proc", "root", "sys"].map((path) => ({ kind: "directory" as const, path })),
    // The kernel opens it before init has mounted a /dev.
    { kind: "character-device", path: "dev/console", mode: 0o600, major: 5, minor: 1 },
    { kind: "file", path: "init", mode: 0o755, content: init },
    { kind: "file", path: "bin/busybox", mode: 0o755, content: readRegular(busybox) },
    ...applets.map((name) => ({ kind: "link" as const, path: `bin/${name}`, target: "busybox" })),
    text("modules/release", `${release}\n`),
    text("modules/list", list),
    text("modules/filesystem", `${fileSystems.join(" ")}\n`),
    ...modules.map(({ name, file }) => ({
      kind: "file" as const,
      path: `modules/${name}.ko`,
      mode: 0o644,
      content: readModule(file),
    })),
  ];
}

function text(path: string, content: string): ArchiveEntry {
  return { kind: "file", path, mode: 0o644, content: Buffer.from(content) };
}
