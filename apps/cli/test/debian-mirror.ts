import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A mirror of Debian that a test serves: one suite, signed with a key of its own. */
export interface DebianMirror {
  readonly url: string;
  /** The key that signed it. */
  readonly keyring: string;
  /** A key that signed nothing. */
  readonly otherKeyring: string;
  /** What was asked for: the path, and from which byte on. */
  readonly requests: { readonly path: string; readonly from: number }[];
  /** How many bytes of a file come before the connection breaks; unlimited: all. */
  breakAfter: number;
  readonly file: (path: string) => string;
  readonly close: () => Promise<void>;
}

export interface MadePackage {
  readonly name: string;
  readonly version: string;
  readonly depends?: string;
  readonly files?: Readonly<Record<string, Buffer>>;
}

/** Packages as Debian 14 names and divides them. */
export function kernelPackages(release: string, version: string, image: Buffer): MadePackage[] {
  const modules = `usr/lib/modules/${release}`;
  const exactly = (name: string): string => `linux-${name}-${release} (= ${version})`;
  return [
    {
      name: `linux-base-${release}`,
      version,
      files: { [`${modules}/config`]: Buffer.from("CONFIG_X86_64=y\nCONFIG_MODULES=y\n") },
    },
    {
      name: `linux-binary-${release}`,
      version,
      depends: exactly("base"),
      files: { [`${modules}/vmlinuz`]: image },
    },
    {
      name: `linux-modules-${release}`,
      version,
      depends: exactly("base"),
      files: { [`${modules}/kernel/a.ko`]: Buffer.from("a") },
    },
    {
      name: `linux-image-${release}`,
      version,
      depends: `initramfs-tools | dracut, ${["base", "binary", "modules"].map(exactly).join(", ")}`,
    },
  ];
}

/** Builds the packages into pool/, lists and signs them as the suite `sid`, and serves that on this machine. */
export async function serveMirror(root: string, packages: readonly MadePackage[]): Promise<DebianMirror> {
  const site = join(root, "site");
  const pool = join(site, "pool");
  mkdirSync(pool, { recursive: true });
  for (const made of packages) build(pool, root, made);
  const lists = join(site, "dists/sid/main/binary-amd64");
  mkdirSync(lists, { recursive: true });
  const text = execFileSync("dpkg-scanpackages", ["--multiversion", "pool"], {
    cwd: site,
    stdio: ["ignore", "pipe", "ignore"],
  });
  writeFileSync(join(lists, "Packages"), text);
  const sum = createHash("sha256").update(text).digest("hex");
  const head = [
    "Origin: Test",
    "Suite: sid",
    "Codename: sid",
    `Date: ${new Date().toUTCString().replace("GMT", "UTC")}`,
  ];
  const release = [
    ...head,
    "Architectures: amd64",
    "Components: main",
    "SHA256:",
    ` ${sum} ${text.length} main/binary-amd64/Packages`,
  ];
  const unsigned = join(site, "dists/sid/Release");
  writeFileSync(unsigned, `${release.join("\n")}\n`);
  const keyring = makeKey(root, "signer");
  gpg(join(root, "signer"), "--clearsign", "--output", join(site, "dists/sid/InRelease"), unsigned);
  return await serve(site, { keyring, otherKeyring: makeKey(root, "other") });
}

function build(pool: string, root: string, { name, version, depends, files = {} }: MadePackage): void {
  const directory = join(root, "build", name);
  for (const [path, content] of Object.entries(files)) write(join(directory, path), content);
  const fields = [
    `Package: ${name}`,
    `Version: ${version}`,
    "Architecture: amd64",
    "Maintainer: x <x@y>",
    ...(depends === undefined ? [] : [`Depends: ${depends}`]),
    "Description: x",
  ];
  write(join(directory, "DEBIAN/control"), `${fields.join("\n")}\n`);
  execFileSync("dpkg-deb", ["--root-owner-group", "-Znone", "-b", directory, pool], { stdio: "ignore" });
}

function write(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

function makeKey(root: string, name: string): string {
  const home = join(root, name);
  mkdirSync(home, { mode: 0o700 });
  gpg(home, "--passphrase", "", "--quick-generate-key", `${name} <x@y>`, "ed25519", "sign", "never");
  const keyring = join(root, `${name}.gpg`);
  gpg(home, "--output", keyring, "--export");
  onTestFinished(() => void execFileSync("gpgconf", ["--homedir", home, "--kill", "all"]));
  return keyring;
}

function gpg(home: string, ...args: readonly string[]): void {
  execFileSync("gpg", ["--homedir", home, "--batch", "--quiet", ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
}

async function serve(
  site: string,
  keys: { readonly keyring: string; readonly otherKeyring: string },
): Promise<DebianMirror> {
  const requests: DebianMirror["requests"] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/").slice(1);
    const size = statSync(join(site, path), { throwIfNoEntry: false })?.size;
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    requests.push({ path, from });
    if (size === undefined) {
      response.writeHead(404).end();
      return;
    }
    const range = from === 0 ? {} : { "content-range": `bytes ${from}-${size - 1}/${size}` };
    const modified = statSync(join(site, path)).mtime.toUTCString();
    response.writeHead(from === 0 ? 200 : 206, {
      "content-length": size - from,
      "last-modified": modified,
      ...range,
    });
    if (path.startsWith("pool/") && size - from > mirror.breakAfter) {
      response.write(readFileSync(join(site, path)).subarray(from, from + mirror.breakAfter));
      // When the client has read what there is: a connection that is reset loses it.
      setTimeout(() => request.socket.destroy(), 200);
      return;
    }
    createReadStream(join(site, path), { start: from }).pipe(response);
  });
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((done) => {
      server.close(done);
    });
  };
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  onTestFinished(close);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const { port } = address;
  const mirror: DebianMirror = {
    ...keys,
    url: `http://127.0.0.1:${port}/`,
    requests,
    breakAfter: Number.POSITIVE_INFINITY,
    file: (path) => join(site, path),
    close,
  };
  return mirror;
}
