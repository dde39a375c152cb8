import { createHash } from "node:crypto";

/** Shell text that writes a file with this content, whatever is in it. The content ends with a newline. */
export function writeFileCommand(path: string, content: string): string {
  // No line of the content is its own hash.
  const mark = `END_${createHash("sha256").update(content).digest("hex").slice(0, 16)}`;
  return `cat > ${path} << '${mark}'\n${content}${content.endsWith("\n") ? "" : "\n"}${mark}\n`;
}
