import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { renderScript } from "../src/index.js";
import { fullInstallation, plainInstallation } from "./installation.js";
import { createLiveSystem, type LiveRun, type LiveSystem } from "./live-system.js";

let live: LiveSystem;

beforeEach(() => {
  live = createLiveSystem();
});

afterEach(() => live.remove());

function install(
  environment: Readonly<Record<string, string>>,
  change: Partial<typeof fullInstallation> = {},
): LiveRun & { readonly calls: readonly string[] } {
  const file = `${live.device}.sh`;
  const { httpProxy: _, proxyExcept: __, ...installation } = { ...fullInstallation, ...change };
  writeFileSync(file, renderScript({ ...installation, rootDev: live.device }));
  const run = live.run(["bash", file], { environment });
  expect(run).toMatchObject({ status: 0, stderr: "" });
  const calls = live.calls().map((call) => call.join(" "));
  return { ...run, calls };
}

/** Which of the tools for clock and keyring were called. */
function clockAndKeyring(calls: readonly string[]): readonly string[] {
  return calls.filter((call) =>
    /^(date .*--set|pacman-key|gpgconf|pacman .*archlinux-keyring$|pacstrap -.|systemctl (start|stop))/.test(
      call.replace(/^pacstrap (-\w) .*/, "pacstrap $1"),
    ),
  );
}

const keyringCalls = (environment: Readonly<Record<string, string>>): readonly string[] =>
  clockAndKeyring(install(environment).calls)
    .filter((call) => !call.startsWith("pacman --query"))
    .map((call) => call.replace(/^pacstrap (-\w) .*/, "pacstrap $1"));

const SIGNED = { FAKE_SIGNATURES: "PackageRequired" };
const REFRESH =
  "pacman --config /run/arch-install/pacman.conf --sync --refresh --needed --noconfirm archlinux-keyring";
const MAKE = ["pacman-key --init", "pacman-key --populate"];
const EMPTY = "gpgconf --homedir /etc/pacman.d/gnupg --kill all";
const LONG_AGO = "Sat, 01 Jan 2000 00:00:00 GMT";

test("where nothing is signed, nobody cares for keys", () => {
  expect(keyringCalls({})).toEqual(["pacstrap -G"]);
});

test("a keyring that is there is only refreshed, and the new system gets one of its own", () => {
  expect(keyringCalls({ ...SIGNED, FAKE_KEYRING_SERVICE: "active" })).toEqual([REFRESH, "pacstrap -K"]);
});

test("one that is being made is waited for", () => {
  expect(keyringCalls({ ...SIGNED, FAKE_KEYRING_SERVICE: "activating" })).toEqual([
    "systemctl start pacman-init.service",
    REFRESH,
    "pacstrap -K",
  ]);
});

test("one that waits for a time server is made at once", () => {
  expect(keyringCalls({ ...SIGNED, FAKE_RUN: "archiso" })).toEqual([
    "systemctl stop pacman-init.service",
    EMPTY,
    ...MAKE,
    REFRESH,
    "pacstrap -K",
  ]);
});

test("pacman downloads as root, as it does for pacstrap, whatever its configuration says", () => {
  const { stdout } = live.run(["bash", "-c", `sed 's/^[[:space:]]*DownloadUser/#&/'`], {
    input: "[options]\nDownloadUser = alpm\n  DownloadUser=x\n#DownloadUser\nColor\n",
  });
  expect(stdout).toBe("[options]\n#DownloadUser = alpm\n#  DownloadUser=x\n#DownloadUser\nColor\n");
  expect(renderScript(fullInstallation)).toContain(
    "sed 's/^[[:space:]]*DownloadUser/#&/' /etc/pacman.conf > /run/arch-install/pacman.conf\n",
  );
});

test("a mirror that anyone may speak for sets no clock: what it says is told", () => {
  const change = { pacmanMirrors: ["http://10.0.2.2:8080/$repo/os/$arch"] };
  const { stdout, calls } = install({ FAKE_DATE: LONG_AGO }, change);
  expect(clockAndKeyring(calls)).toEqual([expect.stringMatching(/^pacstrap/)]);
  expect(stdout).toMatch(
    /This clock is -\d+ s behind that of http:\/\/10\.0\.2\.2:8080, where anyone may answer/,
  );
  expect(install({ FAKE_DATE: new Date().toUTCString() }, change).stdout).not.toContain("This clock");
});

test("no program is told to trust whoever answers", () => {
  expect(renderScript(fullInstallation)).not.toMatch(/--insecure|curl -\w*k/);
});

/** The times to which the clock was set. */
function clock(calls: readonly string[]): number[] {
  return calls.flatMap((call) => {
    const seconds = /^date --utc --set=@(\d+)$/.exec(call)?.[1];
    return seconds === undefined ? [] : [Number(seconds)];
  });
}

test.each([
  ["https://mirror.example/$repo/os/$arch", "mirror.example 443 name"],
  ["https://mirror.example:8443/", "mirror.example 8443 name"],
  ["https://1.2.3.4.example/", "1.2.3.4.example 443 name"],
  ["https://10.0.2.2/", "10.0.2.2 443 ip"],
  ["https://0x7f.1/", "127.0.0.1 443 ip"],
  ["https://[2001:db8::1]:8443/", "2001:db8::1 8443 ip"],
])("the certificate of %s is that of %s", (mirror, words) => {
  expect(renderScript({ ...plainInstallation, pacmanMirrors: [mirror] })).toContain(`'${words}'`);
});

describe("over https", () => {
  let directory: string;
  const servers: ChildProcess[] = [];

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "arch-installer-"));
    openssl(
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "ca.key",
      "-out",
      "ca.pem",
      "-days",
      "3650",
      "-subj",
      "/CN=test authority",
    );
    certificate("good", { name: "localhost", days: 3650 });
    certificate("short", { name: "localhost", days: 30 });
    certificate("other", { name: "elsewhere.example", days: 3650 });
    openssl(
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      "self.key",
      "-out",
      "self.pem",
      "-days",
      "3650",
      "-subj",
      "/CN=localhost",
      "-addext",
      "subjectAltName=DNS:localhost",
    );
  });

  afterAll(() => {
    for (const server of servers) server.kill();
    rmSync(directory, { recursive: true });
  });

  function openssl(...args: readonly string[]): void {
    const { status, stderr } = spawnSync("openssl", args, { cwd: directory, encoding: "utf8" });
    if (status !== 0) throw new Error(stderr);
  }

  function certificate(file: string, { name, days }: { readonly name: string; readonly days: number }): void {
    writeFileSync(join(directory, "extensions"), `subjectAltName=DNS:${name}\n`);
    openssl(
      "req",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      `${file}.key`,
      "-out",
      `${file}.csr`,
      "-subj",
      `/CN=${name}`,
    );
    openssl(
      "x509",
      "-req",
      "-in",
      `${file}.csr`,
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-days",
      String(days),
      "-extfile",
      "extensions",
      "-out",
      `${file}.pem`,
    );
  }

  /** A mirror in a process of its own, that says the time is `daysAhead` days later than it is. Its URL. */
  async function mirror(file: string, daysAhead: number): Promise<string> {
    const program = `
      const { readFileSync } = require("node:fs");
      const [key, cert] = [${JSON.stringify(join(directory, `${file}.key`))}, ${JSON.stringify(join(directory, `${file}.pem`))}].map((path) => readFileSync(path));
      const server = require("node:https").createServer({ key, cert }, (request, response) => {
        response.setHeader("Date", new Date(Date.now() + ${daysAhead} * 86400000).toUTCString());
        response.writeHead(302, { Location: "https://elsewhere.example/", Connection: "close" }).end();
      });
      server.listen(0, "localhost", () => console.log(server.address().port));
    `;
    const server = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    servers.push(server);
    const port = await new Promise<string>((resolve) =>
      server.stdout.once("data", (data) => resolve(String(data).trim())),
    );
    return `https://localhost:${port}/$repo/os/$arch`;
  }

  const environment = (): Record<string, string> => ({
    ...SIGNED,
    FAKE_RUN: "archiso",
    FAKE_KEYRING_SERVICE: "active",
    REAL_OPENSSL: spawnSync("sh", ["-c", "command -v openssl"], { encoding: "utf8" }).stdout.trim(),
    SSL_CERT_FILE: join(directory, "ca.pem"),
    SSL_CERT_DIR: directory,
    ...Object.fromEntries(["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].map((name) => [name, ""])),
  });

  test("a mirror that proves who it is sets a wrong clock, and keys made before that are made anew", async () => {
    const { calls } = install(environment(), { pacmanMirrors: [await mirror("good", 400)] });
    const [seconds = 0, ...others] = clock(calls);
    expect(others).toEqual([]);
    expect(Math.abs(seconds - (Date.now() / 1000 + 400 * 86_400))).toBeLessThan(60);
    expect(calls).toEqual(expect.arrayContaining(["systemctl stop pacman-init.service", EMPTY, ...MAKE]));
  });

  test("a clock that is right is left alone", async () => {
    expect(clock(install(environment(), { pacmanMirrors: [await mirror("good", 0)] }).calls)).toEqual([]);
  });

  test.each([
    ["that nobody vouches for", "self", 400],
    ["of another name", "other", 400],
    ["whose certificate is not valid at the time that it says", "short", 400],
    ["whose certificate was not yet valid at the time that it says", "good", -400],
  ])("a mirror %s sets nothing; the next one is asked", async (_, file, daysAhead) => {
    const bad = await mirror(file, daysAhead);
    expect(clock(install(environment(), { pacmanMirrors: [bad] }).calls)).toEqual([]);
    const { calls } = install(environment(), { pacmanMirrors: [bad, await mirror("good", 200)] });
    expect(Math.abs((clock(calls)[0] ?? 0) - (Date.now() / 1000 + 200 * 86_400))).toBeLessThan(60);
  });

  test("a mirror that is not there costs nothing but its time", () => {
    const run = install(environment(), { pacmanMirrors: ["https://localhost:1/$repo/os/$arch"] });
    expect(clock(run.calls)).toEqual([]);
  });

  test("one that proves who it is goes before one that does not, wherever it stands", async () => {
    const { stdout, calls } = install(
      { ...environment(), FAKE_DATE: LONG_AGO },
      { pacmanMirrors: ["http://10.0.2.2:8080/$repo/os/$arch", await mirror("good", 0)] },
    );
    expect(clock(calls)).toEqual([]);
    expect(stdout).not.toContain("This clock");
  });
});
