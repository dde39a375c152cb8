import type { Dispatcher, ProxyAgent } from "undici";
import { codedError, errorCode } from "@vm/command-plan";
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
  /** By their names in lower case; of one that came twice, the first. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Fails when it is cut. Whoever does not read it to its end discards it. */
  readonly body: Dispatcher.ResponseData["body"];
}

/**
 * Gets a URL, through a proxy where the environment names one, and follows redirections: each is asked for through the proxy
 * that is right for its host. Throws undici's and Node's own errors.
 */
export async function getUrl(url: string, request: HttpRequest): Promise<HttpResponse> {
  let target = new URL(url);
  for (let redirects = 0; ; redirects++) {
    const response = await send(target, request);
    const { location } = response.headers;
    if (response.status < 300 || response.status > 399 || location === undefined) return response;
    discard(response);
    if (redirects === MAX_REDIRECTS) throw new Error(`more than ${MAX_REDIRECTS} redirections`);
    const next = new URL(location, target);
    if (next.protocol !== "http:" && next.protocol !== "https:")
      throw new Error(`redirected to ${next.href}`);
    target = next;
  }
}

/** Gets what is short: at most a megabyte. @throws as `getUrl`; an Error that says the status when it is not 200 */
export async function getShort(url: string, request: HttpRequest): Promise<Buffer> {
  const response = await getUrl(url, request);
  const { status, body } = response;
  if (status !== 200) {
    discard(response);
    throw new Error(`the server answered ${status}`);
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue;
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_SHORT) throw new Error(`the answer is longer than ${MAX_SHORT} bytes`);
  }
  return Buffer.concat(chunks);
}

const MAX_SHORT = 1_048_576;

/** Ends a response that is not read, or no further: its connection too. */
export function discard({ body }: HttpResponse): void {
  // What is not read to its end fails.
  body.on("error", () => undefined).destroy();
}

async function send(url: URL, { headers, env, signal }: HttpRequest): Promise<HttpResponse> {
  const { Agent, ProxyAgent, request } = await import("undici");
  const proxy = proxyFor(url, env);
  const limits: Omit<ProxyAgent.Options, "uri"> = {
    headersTimeout: SILENCE_MS,
    bodyTimeout: SILENCE_MS,
    connect: { timeout: SILENCE_MS },
    // The connection ends with the answer: nothing of it keeps the program from ending.
    pipelining: 0,
  };
  const dispatcher =
    proxy === undefined
      ? new Agent(limits)
      : new ProxyAgent({ ...limits, uri: proxy.href, proxyTunnel: url.protocol === "https:" });
  try {
    const answer = await request(url, {
      dispatcher,
      headers: { "User-Agent": "vm", Accept: "*/*", "Accept-Encoding": "identity", ...headers },
      ...(signal === undefined ? {} : { signal }),
    });
    const first = Object.entries(answer.headers).map(
      ([name, value]) => [name, Array.isArray(value) ? value[0] : value] as const,
    );
    return { status: answer.statusCode, headers: Object.fromEntries(first), body: answer.body };
  } catch (cause) {
    if (!SILENT.has(errorCode(cause) ?? "")) throw cause;
    throw codedError("SERVER_SILENT", `the server said nothing for ${SILENCE_MS / 1000} seconds`, { cause });
  }
}

/** undici's words for that. */
const SILENT: ReadonlySet<string> = new Set(["UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT"]);
