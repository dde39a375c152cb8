import http from "node:http";
import https from "node:https";
import type { Socket } from "node:net";
import tls from "node:tls";
import { type Environment, proxyFor } from "./proxy.js";

/** How long a server may say nothing. */
const SILENCE_MS = 60_000;
const MAX_REDIRECTS = 10;

export interface HttpRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly env: Environment;
  readonly signal?: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Fails with Node's error (`ECONNRESET`) when it is cut. */
  readonly body: http.IncomingMessage;
}

/** Gets a URL, through a proxy where the environment names one, and follows redirections. Throws Node's own errors. */
export async function getUrl(url: string, request: HttpRequest): Promise<HttpResponse> {
  let target = new URL(url);
  for (let redirects = 0; ; redirects++) {
    const body = await send(target, request);
    const { statusCode: status = 0, headers } = body;
    const { location } = headers;
    if (status < 300 || status > 399 || location === undefined) return { status, headers, body };
    body.resume();
    if (redirects === MAX_REDIRECTS) throw new Error(`more than ${MAX_REDIRECTS} redirections`);
    const next = new URL(location, target);
    if (next.protocol !== "http:" && next.protocol !== "https:")
      throw new Error(`redirected to ${next.href}`);
    target = next;
  }
}

/** Gets a short text. @throws Node's own errors; an Error that says the status when it is not 200 */
export async function getText(url: string, request: HttpRequest): Promise<string> {
  const { status, body } = await getUrl(url, request);
  if (status !== 200) {
    body.destroy();
    throw new Error(`the server answered ${status}`);
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue;
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_TEXT) throw new Error(`the answer is longer than ${MAX_TEXT} bytes`);
  }
  return Buffer.concat(chunks).toString();
}

const MAX_TEXT = 1_048_576;

async function send(url: URL, request: HttpRequest): Promise<http.IncomingMessage> {
  const proxy = proxyFor(url, request.env);
  if (proxy === undefined)
    return respond((url.protocol === "https:" ? https : http).request(url, options(request)));
  if (url.protocol === "http:") {
    const headers = { ...request.headers, ...credentials(proxy), Host: url.host };
    return respond(
      http.request({ ...options({ ...request, headers }), ...address(proxy), path: url.href, method: "GET" }),
    );
  }
  const socket = await openTunnel(url, proxy, request);
  const secure = tls.connect({ socket, servername: url.hostname });
  const { agent: _agent, ...direct } = options(request);
  // With an agent, even `false`, Node would not ask for our connection.
  return respond(https.request(url, { ...direct, createConnection: () => secure }));
}

function options({ headers, signal }: Pick<HttpRequest, "headers" | "signal">): http.RequestOptions {
  return {
    headers: { "User-Agent": "vm", Accept: "*/*", "Accept-Encoding": "identity", ...headers },
    ...(signal === undefined ? {} : { signal }),
    agent: false,
  };
}

function address(proxy: URL): { host: string; port: string | number } {
  return { host: proxy.hostname.replace(/^\[|\]$/g, ""), port: proxy.port || 80 };
}

function credentials({ username, password }: URL): Record<string, string> {
  if (username === "") return {};
  const words = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "Proxy-Authorization": `Basic ${Buffer.from(words).toString("base64")}` };
}

function respond(request: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.setTimeout(SILENCE_MS, () => {
      request.destroy(new Error(`the server said nothing for ${SILENCE_MS / 1000} seconds`));
    });
    request.once("error", reject);
    request.once("response", resolve);
    request.end();
  });
}

/** A connection through the proxy (RFC 9110, CONNECT), for TLS. */
function openTunnel(url: URL, proxy: URL, request: HttpRequest): Promise<Socket> {
  const target = `${url.hostname}:${url.port || 443}`;
  return new Promise((resolve, reject) => {
    const connect = http.request({
      ...options({ ...request, headers: { ...credentials(proxy), Host: target } }),
      ...address(proxy),
      method: "CONNECT",
      path: target,
    });
    connect.setTimeout(SILENCE_MS, () => connect.destroy(new Error("the proxy does not answer")));
    connect.once("error", reject);
    connect.once("response", ({ statusCode }) => reject(new Error(`the proxy answered ${statusCode}`)));
    connect.once("connect", ({ statusCode }: http.IncomingMessage, socket: Socket) => {
      if (statusCode === 200) resolve(socket);
      else reject(new Error(`the proxy answered ${statusCode}`));
    });
    connect.end();
  });
}
