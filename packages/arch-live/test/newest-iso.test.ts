import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { type IsoEvent, newestIso, type NewestIso, stopReason } from "../src/index.js";
import { ISO, type Mirror, startMirror } from "./mirror.js";
import { scratchDirectory } from "./scratch.js";

/** A download into a directory, with what it told. */
function job(
  mirror: Mirror,
  directory: string,
  more: Partial<NewestIso> = {},
): NewestIso & { readonly events: IsoEvent[] } {
  const events: IsoEvent[] = [];
  const env = { PATH: process.env["PATH"], HOME: "/nonexistent" };
  // A keyring of its own: no key is looked up in the network.
  const keyring = join(directory, "no-keys");
  const onEvent = (event: IsoEvent): void => void events.push(event);
  return { directory, mirror: mirror.url, env, retryMs: 1, keyring, onEvent, events, ...more };
}

function isoRequests({ requests }: Mirror): string[] {
  return requests.filter((line) => line.includes(`${ISO} `) || line.endsWith(ISO));
}

function notices(events: readonly IsoEvent[]): string[] {
  return events.flatMap((event) => (event.kind === "notice" ? [event.text] : []));
}

test("the newest image is downloaded, and the second time only its list is asked for", async () => {
  const [mirror, directory] = [await startMirror(), scratchDirectory()];
  const first = job(mirror, directory);
  const path = await newestIso(first);
  expect(path).toBe(join(directory, ISO));
  expect(readFileSync(path).equals(mirror.content)).toBe(true);
  expect(first.events[0]).toMatchObject({ kind: "download", fileName: ISO, received: 0, total: 300_000 });
  expect(notices(first.events)).toEqual([expect.stringContaining("the mirror has none")]);
  expect(readdirSync(directory).toSorted()).toEqual([ISO, "lock"]);
  mirror.requests.length = 0;
  expect(await newestIso(job(mirror, directory))).toBe(path);
  expect(mirror.requests).toEqual(["GET /archlinux/iso/latest/sha256sums.txt"]);
});

test("a connection that is cut again and again is taken up where it ended", async () => {
  const [mirror, directory] = [await startMirror(), scratchDirectory()];
  mirror.cutAfter = 120_000;
  const path = await newestIso(job(mirror, directory));
  expect(readFileSync(path).equals(mirror.content)).toBe(true);
  const ranges = isoRequests(mirror).map((line) => line.split(" ")[2]);
  expect(ranges).toEqual([undefined, "bytes=120000-", "bytes=240000-"]);
});

test("what came stays for the next time when nothing comes any more", async () => {
  const [mirror, directory] = [await startMirror(), scratchDirectory()];
  mirror.cutAfter = 100_000;
  const partial = join(directory, `${ISO}.part`);
  const first = job(mirror, directory, {
    onEvent: (event) => {
      if (event.kind === "download" && event.received >= 100_000) mirror.cutAfter = 0;
    },
  });
  await expect(newestIso(first)).rejects.toMatchObject({
    code: "DOWNLOAD_FAILED",
    hint: expect.stringContaining("goes on from the"),
  });
  const size = statSync(partial).size;
  expect(size).toBeGreaterThanOrEqual(100_000);
  mirror.requests.length = 0;
  mirror.cutAfter = Infinity;
  expect(readFileSync(await newestIso(job(mirror, directory))).equals(mirror.content)).toBe(true);
  expect(isoRequests(mirror)).toEqual([expect.stringContaining(`bytes=${size}-`)]);
});

test("a server that knows no ranges, and one whose file is another by now, send all of it again", async () => {
  for (const change of ["no ranges", "another file"] as const) {
    const [mirror, directory] = [await startMirror(), scratchDirectory()];
    const stop = new AbortController();
    mirror.cutAfter = 100_000;
    const onEvent = (event: IsoEvent): void => {
      if (event.kind === "download" && event.received >= 100_000) stop.abort(stopReason("SIGINT"));
    };
    await expect(newestIso(job(mirror, directory, { onEvent, signal: stop.signal }))).rejects.toMatchObject({
      code: "STOPPED",
    });
    mirror.cutAfter = Infinity;
    if (change === "no ranges") mirror.ranges = "ignored";
    else {
      mirror.content = Buffer.from(mirror.content.toReversed());
      mirror.sha256 = createHash("sha256").update(mirror.content).digest("hex");
      mirror.etag = '"two"';
    }
    expect(readFileSync(await newestIso(job(mirror, directory))).equals(mirror.content)).toBe(true);
  }
});

test("the rest of another file makes a wrong checksum, and then it is fetched from its beginning", async () => {
  const [mirror, directory] = [await startMirror(), scratchDirectory()];
  writeFileSync(join(directory, `${ISO}.part`), Buffer.alloc(1000));
  expect(readFileSync(await newestIso(job(mirror, directory))).equals(mirror.content)).toBe(true);
  expect(isoRequests(mirror).map((line) => line.split(" ")[2])).toEqual(["bytes=1000-", undefined]);
});

test("a wrong checksum is an error, and the file is not used", async () => {
  const [mirror, directory] = [await startMirror(), scratchDirectory()];
  writeFileSync(join(directory, "archlinux-2026.10.01-x86_64.iso"), "last month's");
  mirror.sha256 = "f".repeat(64);
  await expect(newestIso(job(mirror, directory))).rejects.toMatchObject({ code: "CHECKSUM_WRONG" });
  expect(readdirSync(directory).toSorted()).toEqual(["archlinux-2026.10.01-x86_64.iso", "lock"]);
});

test("a full disk is an error that says so, and what came stays", async () => {
  const [mirror, directory] = [await startMirror(), scratchDirectory()];
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=128k", "none", directory]);
  expect(mounted.status).toBe(0);
  onTestFinished(() => void spawnSync("umount", [directory]));
  await expect(newestIso(job(mirror, directory))).rejects.toMatchObject({
    code: "DISK_FULL",
    hint: expect.stringContaining("Make room in"),
  });
  expect(statSync(join(directory, `${ISO}.part`)).size).toBeGreaterThan(60_000);
  spawnSync("mount", ["-o", "remount,size=1m", directory]);
  expect(readFileSync(await newestIso(job(mirror, directory))).equals(mirror.content)).toBe(true);
  expect(isoRequests(mirror)).toHaveLength(2);
  expect(isoRequests(mirror)[1]).toMatch(/bytes=[1-9]\d*-$/);
});

test("of two at once one downloads and the other waits for it", async () => {
  const [mirror, directory] = [await startMirror(), scratchDirectory()];
  const told = new EventEmitter<{ waiting: [] }>();
  mirror.held = once(told, "waiting");
  const events: IsoEvent[] = [];
  const onEvent = (event: IsoEvent): void => {
    events.push(event);
    // Not before that is the image complete.
    if (event.kind === "notice" && event.text.includes("waiting for it")) told.emit("waiting");
  };
  const jobs = [job(mirror, directory, { onEvent }), job(mirror, directory, { onEvent })];
  const paths = await Promise.all(jobs.map(newestIso));
  expect(new Set(paths)).toEqual(new Set([join(directory, ISO)]));
  expect(notices(events)).toContainEqual(expect.stringContaining("waiting for it"));
  expect(isoRequests(mirror)).toHaveLength(1);
});

test("it can be stopped, and what came stays", async () => {
  const [mirror, directory] = [await startMirror(), scratchDirectory()];
  const stop = new AbortController();
  mirror.held = new Promise(() => {});
  mirror.onImage = () => stop.abort(stopReason("SIGINT"));
  await expect(newestIso(job(mirror, directory, { signal: stop.signal }))).rejects.toMatchObject({
    code: "STOPPED",
  });
  expect(existsSync(join(directory, ISO))).toBe(false);
});

test("with no mirror in reach an image of the cache is taken, or it is an error", async () => {
  const [mirror, directory] = [await startMirror(), scratchDirectory()];
  const dead = { ...mirror, url: "http://127.0.0.1:9/" };
  await expect(newestIso(job(dead, directory))).rejects.toMatchObject({
    code: "MIRROR_UNREACHABLE",
    hint: expect.stringContaining("--iso"),
  });
  const path = await newestIso(job(mirror, directory));
  const again = job(dead, directory);
  expect(await newestIso(again)).toBe(path);
  expect(notices(again.events)).toEqual([expect.stringContaining("an image of the cache is taken")]);
  await expect(newestIso(job({ ...mirror, url: "ftp://mirror" }, directory))).rejects.toMatchObject({
    code: "MIRROR_INVALID",
  });
  await expect(
    newestIso(job({ ...mirror, url: `${mirror.url}/x` }, scratchDirectory())),
  ).rejects.toMatchObject({
    code: "MIRROR_UNREACHABLE",
    message: expect.stringContaining("404"),
  });
});

test("a signature is checked with gpg: a good one, a wrong one, and one of somebody unknown", async () => {
  const keys = scratchDirectory();
  const gpg = (...args: string[]): void => {
    const { status, stderr } = spawnSync("gpg", ["--homedir", keys, "--batch", "--quiet", ...args]);
    if (status !== 0) throw new Error(stderr.toString());
  };
  onTestFinished(() => void spawnSync("gpgconf", ["--homedir", keys, "--kill", "all"]));
  gpg("--passphrase", "", "--quick-generate-key", "Some Body <some@body>", "ed25519", "sign", "never");
  gpg("--output", join(keys, "keyring.gpg"), "--export");
  const sign = (content: Buffer): Buffer => {
    writeFileSync(join(keys, "file"), content);
    gpg("--yes", "--detach-sign", join(keys, "file"));
    return readFileSync(join(keys, "file.sig"));
  };
  const keyring = join(keys, "keyring.gpg");

  const [mirror, directory] = [await startMirror(), scratchDirectory()];
  mirror.signature = sign(Buffer.from("something else"));
  await expect(newestIso(job(mirror, directory, { keyring }))).rejects.toMatchObject({
    code: "SIGNATURE_BAD",
  });
  expect(readdirSync(directory)).toEqual(["lock"]);

  mirror.signature = sign(mirror.content);
  const good = job(mirror, directory, { keyring });
  await newestIso(good);
  expect(notices(good.events)).toEqual(["signed by Some Body <some@body>"]);

  const unknown = job(mirror, scratchDirectory());
  await newestIso(unknown);
  expect(notices(unknown.events)).toEqual([expect.stringContaining("its key is not known here")]);

  const without = job(mirror, scratchDirectory(), { env: { PATH: "/nonexistent" } });
  await newestIso(without);
  expect(notices(without.events)).toEqual([expect.stringContaining("gpg is not installed")]);
});

test("a check of the signature that is stopped leaves nothing: no directory, no agent, and the download for the next time", async () => {
  const [mirror, directory, temporary] = [await startMirror(), scratchDirectory(), scratchDirectory()];
  mirror.signature = Buffer.from("none");
  const stop = new AbortController();
  // A gpg that says when it works, and has no end.
  const bin = join(directory, "bin");
  mkdirSync(bin);
  const gpg = `#!/bin/sh\necho $$ > ${bin}/started.new; mv ${bin}/started.new ${bin}/started; exec sleep 1000\n`;
  writeFileSync(join(bin, "gpg"), gpg, { mode: 0o755 });
  const env = { PATH: `${bin}:${process.env["PATH"]}`, HOME: "/nonexistent" };
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = temporary;
  onTestFinished(() => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  });
  const run = newestIso(job(mirror, join(directory, "iso"), { env, signal: stop.signal }));
  run.catch(() => undefined);
  await vi.waitUntil(() => existsSync(join(bin, "started")), { timeout: 60_000 });
  expect(readdirSync(temporary)).toHaveLength(1);
  stop.abort(stopReason("SIGINT"));
  await expect(run).rejects.toMatchObject({ code: "STOPPED" });
  expect(existsSync(`/proc/${readFileSync(join(bin, "started"), "utf8").trim()}`)).toBe(false);
  expect(readdirSync(temporary)).toEqual([]);
  expect(readdirSync(join(directory, "iso")).toSorted()).toEqual([`${ISO}.part`, `${ISO}.part.from`, "lock"]);
});

test("a proxy of the environment is asked, but for what no_proxy names", async () => {
  const [mirror, directory] = [await startMirror(), scratchDirectory()];
  const asked: string[] = [];
  const proxy = createServer((incoming, outgoing) => {
    asked.push(incoming.url ?? "");
    request(incoming.url ?? "", { headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    }).end();
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void proxy.close());
  const address = proxy.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const env = { PATH: process.env["PATH"], http_proxy: `127.0.0.1:${port}` };
  await newestIso(job(mirror, directory, { env }));
  expect(asked).toContain(`${mirror.url}/iso/latest/${ISO}`);
  asked.length = 0;
  await newestIso(job(mirror, scratchDirectory(), { env: { ...env, no_proxy: "example.org,127.0.0.1" } }));
  expect(asked).toEqual([]);
});
