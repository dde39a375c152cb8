import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { findProgram } from "@vm/command-plan";

/** Hosts that ssh knows, which all are this machine: each has an sshd of its own on loopback, and a cache of its own. */
export interface SshHosts {
  /** PATH, with an ssh in front that knows them. */
  readonly env: Readonly<Record<string, string>>;
  /** The cache of vm on a host. */
  cache(name: string): string;
  /** Kills the sshds of a host's connections. */
  disconnect(name: string): void;
  /** Resolves when no connection is left. */
  noConnection(): Promise<void>;
  stop(): Promise<void>;
}

interface Host {
  readonly name: string;
  readonly server: Server;
  readonly port: number;
  readonly connections: Set<ChildProcess>;
}

/** Starts them. @param place a directory for what is about them */
export async function startSshHosts(place: string, names: readonly string[]): Promise<SshHosts> {
  for (const key of ["host_key", "user_key"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(place, key)]);
  copyFileSync(join(place, "user_key.pub"), join(place, "authorized_keys"));
  // An sshd of root's wants it, and Debian's service makes it.
  if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const cache = (name: string): string => join(place, `cache-${name}`);
  const hosts = await Promise.all(names.map((name) => startHost(name, place, cache(name))));
  const config = hosts.map(
    ({ name, port }) =>
      `Host ${name}\n  HostName 127.0.0.1\n  Port ${port}\n  IdentityFile ${join(place, "user_key")}\n  UserKnownHostsFile ${join(place, "known_hosts")}\n  StrictHostKeyChecking accept-new\n  IdentitiesOnly yes\n`,
  );
  writeFileSync(join(place, "ssh_config"), config.join(""));
  const bin = join(place, "bin");
  mkdirSync(bin);
  const ssh = findProgram("ssh", process.env) ?? "ssh";
  writeFileSync(join(bin, "ssh"), `#!/bin/sh\nexec ${ssh} -F '${join(place, "ssh_config")}' "$@"\n`);
  chmodSync(join(bin, "ssh"), 0o755);
  const connections = (): ChildProcess[] => hosts.flatMap((host) => [...host.connections]);
  return {
    env: { PATH: `${bin}:${process.env["PATH"]}` },
    cache,
    disconnect(name) {
      for (const host of hosts)
        if (host.name === name) for (const connection of host.connections) connection.kill("SIGKILL");
    },
    async noConnection() {
      await Promise.all(connections().map((connection) => once(connection, "exit")));
    },
    async stop() {
      for (const connection of connections()) connection.kill("SIGKILL");
      await Promise.all(hosts.map(({ server }) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

async function startHost(name: string, place: string, cacheHome: string): Promise<Host> {
  const connections = new Set<ChildProcess>();
  // bash takes a shell of level 1 that sshd starts for one that wants its .bashrc.
  const settings = [
    `HostKey=${join(place, "host_key")}`,
    `AuthorizedKeysFile=${join(place, "authorized_keys")}`,
    "StrictModes=no",
    "UsePAM=no",
    `SetEnv=XDG_CACHE_HOME=${cacheHome} SHLVL=2`,
  ].flatMap((setting) => ["-o", setting]);
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    const sshd = spawn("/usr/sbin/sshd", ["-i", "-e", "-f", "/dev/null", ...settings], {
      stdio: [socket, socket, "ignore"],
    });
    connections.add(sshd);
    sshd.once("exit", () => connections.delete(sshd));
    // The connection is its own now.
    socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { name, server, port: address.port, connections };
}
