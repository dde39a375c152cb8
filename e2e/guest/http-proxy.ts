import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

/** An HTTP proxy behind which there is one host only. */
export interface HttpProxy {
  /** For `http_proxy`. */
  readonly url: string;
  /** What it was asked for: method and URL. */
  readonly requests: readonly string[];
  close(): void;
}

/** Starts a proxy on this machine. `http://mirror.invalid/`, a host that no resolver knows, is a directory. */
export async function startHttpProxy(directory: string): Promise<HttpProxy> {
  const requests: string[] = [];
  const server = createServer(({ method = "", url = "" }, response) => {
    requests.push(`${method} ${url}`);
    const file = /^http:\/\/mirror\.invalid(\/[\w./+:~%-]*)$/.exec(url)?.[1];
    const path = file === undefined ? undefined : join(directory, decodeURIComponent(file));
    const stat = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
    if (path === undefined || stat?.isFile() !== true) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-length": stat.size });
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the proxy has no address");
  return { url: `http://127.0.0.1:${address.port}`, requests, close: () => void server.close() };
}
