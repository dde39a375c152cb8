import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** The SHA-256 of a file, in lower-case hexadecimal digits. Throws Node's own errors. */
export async function sha256Of(
  path: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<string> {
  const hash = createHash("sha256");
  const options = { highWaterMark: 1_048_576, ...(signal === undefined ? {} : { signal }) };
  for await (const chunk of createReadStream(path, options)) if (Buffer.isBuffer(chunk)) hash.update(chunk);
  return hash.digest("hex");
}
