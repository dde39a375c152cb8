import { createHash } from "node:crypto";
import { createReadStream, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { basename, join } from "node:path";

/** A mirror of Arch Linux on this machine: packages, and an image of the live system. */
export interface ArchMirror {
  readonly url: string;
  /** The paths that it was asked for. */
  readonly requests: readonly string[];
  close(): void;
}

export async function startArchMirror({
  repository,
  iso,
}: {
  readonly repository: string;
  readonly iso: string;
}): Promise<ArchMirror> {
  const sums = `${createHash("sha256").update(readFileSync(iso)).digest("hex")}  ${basename(iso)}\n`;
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "", "http://localhost").pathname);
    requests.push(path);
    if (path === "/iso/latest/sha256sums.txt") {
      response.end(sums);
      return;
    }
    const file = path === `/iso/latest/${basename(iso)}` ? iso : join(repository, path);
    const size =
      statSync(file, { throwIfNoEntry: false })?.isFile() === true ? statSync(file).size : undefined;
    if (size === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("Content-Length", size);
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () => server.close().closeAllConnections(),
  };
}
