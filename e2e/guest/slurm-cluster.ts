import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runProgram } from "./vm-home.js";

/** A whole Slurm on the loopback of this machine: munge, slurmctld, and nodes that have one CPU each. */
export interface SlurmCluster {
  /** What lets Slurm's programs find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs one of Slurm's programs. @throws where it fails */
  ask(program: string, ...words: readonly string[]): Promise<string>;
  /** A machine's death: everything that runs on the node is killed at once. Slurm is told, which would see it after a while. */
  killNode(name: string): Promise<void>;
  /** Kills slurmctld, and starts it again on what it has saved: the job as it is now, of which it would else have forgotten the last seconds. */
  restartController(job: string): Promise<void>;
  stop(): Promise<void>;
}

const START_MS = 60_000;

/** Starts one. @param directory where it keeps everything; short, as it holds sockets */
export async function startSlurmCluster(directory: string, nodes: number): Promise<SlurmCluster> {
  for (const room of ["state", "spool", "log", "run"])
    mkdirSync(join(directory, room), { recursive: true, mode: 0o755 });
  const key = join(directory, "munge.key");
  writeFileSync(key, randomBytes(128), { mode: 0o600 });
  const socket = join(directory, "run/munge.socket");
  const file = join(directory, "slurm.conf");
  writeFileSync(file, configuration(directory, nodes, await freePorts(nodes + 1)));
  const env = { SLURM_CONF: file };
  const ask = async (program: string, ...words: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await runProgram([program, ...words], { env });
    if (status !== 0) throw new Error(`${program} ${words.join(" ")}: ${String(status)}: ${stderr}`);
    return stdout;
  };
  const daemons = new Map<string, ChildProcess>();
  const start = (name: string, [program, ...words]: readonly [string, ...string[]]): void => {
    const log = openSync(join(directory, `log/${name}.out`), "a");
    daemons.set(
      name,
      spawn(program, words, { env: { ...process.env, ...env }, stdio: ["ignore", log, log], detached: true }),
    );
  };
  const kill = async (name: string): Promise<void> => {
    const daemon = daemons.get(name);
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, "exit");
    daemon.kill("SIGKILL");
    await ended;
  };
  const startController = (): void => start("slurmctld", ["/usr/sbin/slurmctld", "-D", "-i", "-f", file]);
  const idle = async (): Promise<boolean> => {
    const { stdout } = await runProgram(["sinfo", "--noheader", "--Node", "--format=%T"], { env });
    return stdout.split("\n").filter((state) => /^(?:idle|mixed|allocated)$/.test(state)).length >= nodes;
  };

  start("munged", [
    "/usr/sbin/munged",
    "--foreground",
    "--force",
    `--socket=${socket}`,
    `--key-file=${key}`,
    `--log-file=${join(directory, "log/munged.log")}`,
    `--pid-file=${join(directory, "run/munged.pid")}`,
    `--seed-file=${join(directory, "run/munge.seed")}`,
    "--num-threads=2",
  ]);
  await until(() => existsSync(socket), "munged's socket");
  startController();
  const own = userInfo().uid === 0 ? [] : ["--user", "--map-current-user"];
  for (let node = 1; node <= nodes; node++) {
    // When the first process of a PID namespace is killed the kernel kills all others.
    const room = ["unshare", ...own, "--pid", "--fork", "--kill-child", "--mount-proc"] as const;
    start(`n${node}`, [room[0], ...room.slice(1), "/usr/sbin/slurmd", "-D", "-N", `n${node}`, "-f", file]);
  }
  await until(idle, `nodes of Slurm; see ${directory}/log`);
  return {
    env,
    ask,
    async killNode(name) {
      await kill(name);
      await ask("scontrol", "update", `NodeName=${name}`, "State=DOWN", "Reason=died");
    },
    async restartController(job) {
      const mark = `saved-${randomBytes(6).toString("hex")}`;
      await ask("scontrol", "update", `JobId=${job}`, `Comment=${mark}`);
      await until(
        () => readFileSync(join(directory, "state/job_state")).includes(mark),
        "saved state of slurmctld",
      );
      await kill("slurmctld");
      startController();
      await until(
        async () => (await runProgram(["scontrol", "ping"], { env })).stdout.includes("UP"),
        "slurmctld",
      );
    },
    async stop() {
      for (const name of [...daemons.keys()].toReversed()) await kill(name);
    },
  };
}

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + START_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`no ${what} after ${START_MS / 1000} s`);
    await sleep(100);
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

function configuration(directory: string, nodes: number, [port, ...nodePorts]: readonly number[]): string {
  const user = userInfo().username;
  return `ClusterName=vmtest
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${port}
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
# How long the cells of a dead node wait before they run again: 120 s by default.
AuthInfo=socket=${directory}/run/munge.socket,cred_expire=5
CredType=cred/munge
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation=${directory}/state
SlurmdSpoolDir=${directory}/spool/%n
SlurmctldPidFile=${directory}/run/slurmctld.pid
SlurmdPidFile=${directory}/run/slurmd-%n.pid
SlurmctldLogFile=${directory}/log/slurmctld.log
SlurmdLogFile=${directory}/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
JobAcctGatherType=jobacct_gather/none
MailProg=/bin/true
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=2,sched_min_interval=0,bf_interval=5
MaxArraySize=1001
KillWait=5
SlurmdTimeout=60
ReturnToService=2
${Array.from({ length: nodes }, (_, index) => `NodeName=n${index + 1} NodeHostname=${hostname()} NodeAddr=127.0.0.1 Port=${nodePorts[index]} CPUs=1 RealMemory=2000 State=UNKNOWN`).join("\n")}
PartitionName=vm Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
`;
}
