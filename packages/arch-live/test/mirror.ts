import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onTestFinished } from "vitest";

export const ISO = "archlinux-2026.11.01-x86_64.iso";

/** A mirror of Arch Linux with one image on it, and the ways in which mirrors misbehave. */
export interface Mirror {
  readonly url: string;
  /** What it was asked for: `GET PATH`, with the range where there was one. */
  readonly requests: string[];
  content: Buffer;
  /** What sha256sums.txt says; the right one by default. */
  sha256: string;
  etag: string | undefined;
  ranges: "honoured" | "ignored";
  /** Each answer with the image ends after so many bytes. */
  cutAfter: number;
  signature: Uint8Array | undefined;
  /** The image's first byte comes after it. */
  held: Promise<unknown>;
  /** Called for each request of the image. */
  onImage: () => void;
}

/** A server on this machine; it ends with the test. */
export async function startMirror(): Promise<Mirror> {
  const content = randomBytes(300_000);
  const server = createServer((request, response) => answer(mirror, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => server.close().closeAllConnections());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  const mirror: Mirror = {
    url: `http://127.0.0.1:${address.port}/archlinux`,
    requests: [],
    content,
    sha256: createHash("sha256").update(content).digest("hex"),
    etag: '"one"',
    ranges: "honoured",
    cutAfter: Infinity,
    signature: undefined,
    held: Promise.resolve(),
    onImage: () => {},
  };
  return mirror;
}

function answer(mirror: Mirror, request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url ?? "", "http://localhost");
  const { range, "if-range": ifRange } = request.headers;
  mirror.requests.push([request.method, request.url, range].filter((word) => word !== undefined).join(" "));
  const name = pathname.replace(/^\/archlinux\/iso\/latest\//, "");
  if (name === "sha256sums.txt") {
    const older = `${"0".repeat(64)}  archlinux-2026.10.01-x86_64.iso\n`;
    response.end(`${older}${mirror.sha256}  ${ISO}\n${mirror.sha256}  archlinux-x86_64.iso\n`);
    return;
  }
  if (name === `${ISO}.sig` && mirror.signature !== undefined) {
    response.end(mirror.signature);
    return;
  }
  if (name !== ISO) {
    response.writeHead(404).end();
    return;
  }
  const { content, etag } = mirror;
  const [, first] = /^bytes=(\d+)-$/.exec(range ?? "") ?? [];
  const isSame = ifRange === undefined || ifRange === etag;
  const start = mirror.ranges === "honoured" && first !== undefined && isSame ? Number(first) : undefined;
  if (etag !== undefined) response.setHeader("ETag", etag);
  if (start !== undefined && start >= content.length) {
    response.writeHead(416, { "Content-Range": `bytes */${content.length}` }).end();
    return;
  }
  const body = content.subarray(start ?? 0);
  response.setHeader("Content-Length", body.length);
  if (start !== undefined) {
    response.setHeader("Content-Range", `bytes ${start}-${content.length - 1}/${content.length}`);
  }
  response.writeHead(start === undefined ? 200 : 206);
  mirror.onImage();
  void sendImage(mirror, response, body);
}

async function sendImage(mirror: Mirror, response: ServerResponse, body: Buffer): Promise<void> {
  await mirror.held;
  if (body.length <= mirror.cutAfter) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, mirror.cutAfter), () => setTimeout(() => response.destroy(), 20));
}
