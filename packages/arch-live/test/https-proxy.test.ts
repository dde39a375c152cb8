import { execFile, execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { connect, type Server } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildSync } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
import { scratchDirectory } from "./scratch.js";

/** Listens on this machine until the test ends: the port. */
async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

test("an https mirror is reached through a proxy by CONNECT, and its certificate is checked", async () => {
  const directory = scratchDirectory();
  const [key, certificate] = [join(directory, "key.pem"), join(directory, "certificate.pem")];
  const words = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
  const name = ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate];
  execFileSync("openssl", ["req", "-x509", ...words, ...name], { stdio: "ignore" });
  const files = { key: readFileSync(key), cert: readFileSync(certificate) };
  const mirror = await listen(createSecureServer(files, (_, response) => response.end("the list")));
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on("connect", (request, client, head) => {
    asked.push(`${request.url} ${request.headers["proxy-authorization"]}`);
    const upstream = connect(mirror, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    // Whoever ends first takes the other with it.
    for (const end of [client, upstream]) end.on("error", () => {});
  });
  const proxyPort = await listen(proxy);

  const program = join(directory, "get.mjs");
  const text = `import { getShort } from "../src/iso/http-request.ts";
const [url, proxy] = process.argv.slice(2);
console.log(await getShort(url, { env: { https_proxy: proxy } }).then(String).catch(({ code }) => code));`;
  const { outputFiles } = buildSync({
    stdin: { contents: text, resolveDir: new URL(".", import.meta.url).pathname },
    bundle: true,
    conditions: ["@vm/source"],
    platform: "node",
    format: "esm",
    // undici is CommonJS.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    write: false,
  });
  writeFileSync(program, outputFiles[0]?.contents ?? "");
  const get = async (env: NodeJS.ProcessEnv): Promise<string> => {
    const url = `https://localhost:${mirror}/iso/latest/sha256sums.txt`;
    const args = [program, url, `http://me:pass%20word@127.0.0.1:${proxyPort}`];
    return (await promisify(execFile)(process.execPath, args, { env })).stdout;
  };
  const { PATH } = process.env;
  expect(await get({ PATH, NODE_EXTRA_CA_CERTS: certificate })).toBe("the list\n");
  expect(asked).toEqual([`localhost:${mirror} Basic ${Buffer.from("me:pass word").toString("base64")}`]);
  expect(await get({ PATH })).toBe("DEPTH_ZERO_SELF_SIGNED_CERT\n");
});
