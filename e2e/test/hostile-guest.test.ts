import { spawn, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { kernelFixture, type KernelFixture } from "../fixtures/kernel.mjs";
import { createVmHome, lastingWords, runProgram, type Outcome, type VmHome } from "../guest/vm-home.js";

/** A guest whose root does what it can to get at the host. */

let kernel: KernelFixture;
let vmHome: VmHome;
let work: string;
let home: string;
/** A process of the host with a secret in its environment. */
let secretive: ChildProcess;

const SECRET = "a-token-of-the-host";

beforeAll(async () => {
  kernel = await kernelFixture();
  vmHome = createVmHome();
  work = mkdtempSync("/tmp/vm-hostile-");
  home = join(work, "home");
  for (const directory of [".ssh", ".docker", "open/only"])
    mkdirSync(join(home, directory), { recursive: true });
  for (const file of [".ssh/id", ".docker/config.json", "open/only/file", ".netrc"])
    writeFileSync(join(home, file), `${SECRET}\n`);
  symlinkSync("/proc", join(home, "link"));
  secretive = spawn("sleep", ["1000"], { env: { SECRET }, stdio: "ignore" });
});

afterAll(() => {
  secretive.kill("SIGKILL");
  rmSync(work, { recursive: true, force: true });
  vmHome.remove();
});

async function vm(...args: readonly string[]): Promise<Outcome> {
  const env = {
    ...vmHome.env,
    HOME: home,
    VM_ACCEL: "tcg",
    VM_CACHE_HOME: join(work, "cache"),
    TOKEN: SECRET,
  };
  return await runProgram(vmHome.vm("run", "-k", kernel.build, ...args), { env, cwd: work });
}

/** Looks for the secret in all that a share shows, past the guest's own mounts; `$1` is where it is mounted. */
const SEARCH = `
  mkdir -p /run/m; mount --bind "$1" /run/m; cd /run/m
  ls -A proc sys run dev | grep -vE '^(proc|sys|run|dev):$' | grep .
  for p in proc/*/environ .$HOME/link/*/environ; do dd iflag=direct if="$p" 2>/dev/null; done
  cat ".$HOME/.ssh/id" ".$HOME/.docker/config.json" ".$HOME/.netrc"
  cut -d: -f2 etc/shadow 2>/dev/null | grep -v '^[*!]*$'
`;

/** Makes programs that have more rights than whoever runs them, each in another way. */
const SETUID = `
  cp /bin/true tool; chmod 4755 tool; chmod 2755 tool; chmod 6711 tool; chgrp 6 tool; chmod g+s tool
  perl -e 'sysopen F, "made", 65, 06755'; [ -e made ] || : >made
  echo other >old; mkdir -m 2755 directory`;

test.each(["9p", "virtiofs"])(
  "over %s the guest's root finds no secret of the host, and can make none of its files root's tools",
  async (way) => {
    const command = `exec 2>/dev/null
    cat '${home}/open/only/file'; echo x >'${home}/open/only/new' || echo refused
    { sh -c '${SEARCH.replaceAll("'", "'\\''")}' search /
    umount '${home}/open/only' '${home}/open'; mkdir /run/other; mount -t 9p -o trans=virtio,version=9p2000.L vm-share-0 /run/other || mount -t virtiofs vm-share-0 /run/other
    cd /run/other; mountpoint .; echo x >only/file; echo x >only/new; mknod node b 8 0; mknod node2 c 1 1; ${SETUID}; ls -A . only; } | cat`;
    const open = join(home, "open");
    writeFileSync(join(open, "old"), "");
    chmodSync(join(open, "old"), 0o6755);
    const result = await vm("--share", way, "--rw", open, "--ro", join(open, "only"), "--exec", command);
    expect(result.status).toBe(0);
    expect(result.stdout).toBe(
      `${SECRET}\nrefused\n. is a mountpoint\n.:\ndirectory\nmade\nold\nonly\ntool\n\nonly:\n`,
    );
    expect(readdirSync(open)).toEqual(["directory", "made", "old", "only", "tool"]);
    for (const file of ["made", "old", "tool"]) {
      expect([file, statSync(join(open, file)).mode & 0o7000]).toEqual([file, 0]);
      rmSync(join(open, file));
    }
    rmSync(join(open, "directory"), { recursive: true });
    expect(readdirSync(join(open, "only"))).toEqual(["file"]);
  },
);

test("what is exposed, or shared itself, is seen, and nothing else", async () => {
  const look = `cat ~/.netrc ~/.ssh/id; cat ~/.docker/config.json`;
  const shared = await vm("--expose", join(home, ".netrc"), "--ro", join(home, ".ssh"), "--exec", look);
  expect(shared.stdout).toBe(`${SECRET}\n${SECRET}\n`);
  const wrong = await vm("--expose", join(home, "open"), "--exec", "true");
  expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining("is hidden from the guest") });
  const twice = await vm("--rw", join(home, "open"), "--ro", join(home, "open"), "--exec", "true");
  expect(twice).toMatchObject({ status: 2, stderr: expect.stringContaining("both for reading") });
  expect(existsSync(join(home, "open/only/new"))).toBe(false);
});

test("a service on the host's own loopback interface is reached with --network user, and by nothing else", async () => {
  const visits: string[] = [];
  let network = "";
  const server = createServer((socket) => {
    visits.push(network);
    socket.on("error", () => undefined);
    socket.end(`${SECRET}\n`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  // The guest's own is not the host's, and is there in each.
  const look = `for at in 10.0.2.2 127.0.0.1; do
    timeout 10 bash -c "cat < /dev/tcp/$at/${port}" 2>/dev/null || echo "no $at"
  done
  bash -c "exec 3<>/dev/udp/127.0.0.1/9 && echo lo is up"`;
  for (network of ["none", "isolated", "user"]) {
    const { status, stdout } = await vm(
      ...(network === "none" ? [] : ["--network", network]),
      "--exec",
      look,
    );
    const first = network === "user" ? SECRET : "no 10.0.2.2";
    expect([network, status, stdout]).toEqual([network, 0, `${first}\nno 127.0.0.1\nlo is up\n`]);
  }
  expect(visits).toEqual(["user"]);
});

test("names with blanks that are no ASCII keep what is written", async () => {
  const names = ["a\u00a0b", "c\u3000d", "e\u2028f", "g h\\"].map((name) => join(work, "names", name));
  for (const name of names) mkdirSync(name, { recursive: true });
  const command = names.map((name) => `echo kept >'${name}/file'`).join("; ");
  const { status, stderr } = await vm(...names.flatMap((name) => ["--rw", name]), "--exec", command);
  expect({ status, stderr: lastingWords(stderr) }).toEqual({ status: 0, stderr: "" });
  for (const name of names) expect(readdirSync(name)).toEqual(["file"]);
});
