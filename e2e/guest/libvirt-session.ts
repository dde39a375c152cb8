import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runProgram, type Outcome } from "./vm-home.js";

/** A libvirtd of one user, with no rights, in a directory of its own. */
export interface LibvirtSession {
  /** Who it and its guests run as, as chown takes it. */
  readonly user: string;
  virsh(...words: readonly string[]): Promise<Outcome>;
  /** Ends it, and all guests of it. */
  stop(): Promise<void>;
}

const START_MS = 60_000;

/** root's libvirtd would be the system's: it runs as nobody then. */
const nobody = 65_534;

/** Starts one. @param directory where it keeps everything; short, as it holds sockets */
export async function startLibvirtSession(directory: string): Promise<LibvirtSession> {
  const isRoot = userInfo().uid === 0;
  const id = isRoot ? nobody : userInfo().uid;
  const as = isRoot ? ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"] : [];
  const rooms = Object.fromEntries(
    ["home", "run", "config", "cache", "data"].map((room) => [room, join(directory, room)]),
  );
  for (const room of Object.values(rooms)) mkdirSync(room, { recursive: true });
  mkdirSync(join(directory, "config/libvirt"));
  chmodSync(join(directory, "run"), 0o700);
  const log = join(directory, "libvirtd.log");
  writeFileSync(
    join(directory, "config/libvirt/libvirtd.conf"),
    `auth_unix_ro = "none"\nauth_unix_rw = "none"\nlog_outputs = "3:file:${log}"\n`,
  );
  // Else a virtlogd is started beside it, which outlives it.
  writeFileSync(join(directory, "config/libvirt/qemu.conf"), 'stdio_handler = "file"\n');
  if (isRoot) spawnSync("chown", ["-R", `${nobody}:${nobody}`, directory]);
  const env = {
    HOME: join(directory, "home"),
    XDG_RUNTIME_DIR: join(directory, "run"),
    XDG_CONFIG_HOME: join(directory, "config"),
    XDG_CACHE_HOME: join(directory, "cache"),
    XDG_DATA_HOME: join(directory, "data"),
    // An absent daemon is an error, and not one more daemon.
    LIBVIRT_AUTOSTART: "0",
  };
  const [program, ...words]: readonly string[] = [...as, "/usr/sbin/libvirtd"];
  const output = openSync(join(directory, "libvirtd.out"), "a");
  const daemon = spawn(program ?? "", words, {
    cwd: directory,
    env: { ...process.env, ...env },
    stdio: ["ignore", output, output],
  });
  const ended = once(daemon, "exit");
  const virsh = (...asked: readonly string[]): Promise<Outcome> => {
    const [first = "virsh", ...rest] = [...as, "virsh", "-q", "-c", "qemu:///session", ...asked];
    return runProgram([first, ...rest], { env });
  };
  const deadline = Date.now() + START_MS;
  while ((await virsh("version")).status !== 0) {
    if (Date.now() > deadline || daemon.exitCode !== null) throw new Error(`no libvirtd; see ${directory}`);
    await sleep(100);
  }
  return {
    user: `${id}`,
    virsh,
    async stop() {
      const { stdout } = await virsh("list", "--uuid");
      for (const uuid of stdout.split("\n").filter((line) => line !== "")) await virsh("destroy", uuid);
      daemon.kill();
      await ended;
    },
  };
}
