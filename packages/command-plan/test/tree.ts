import fs from "node:fs";

/** A directory tree as lines of text: type, mode, path, content. It makes readable what is not, after it noted the mode. */
export function snapshot(root: string): readonly string[] {
  const lines: string[] = [];
  const visit = (relative: string): void => {
    const path = `${root}/${relative}`;
    const stat = fs.lstatSync(path);
    if (!stat.isSymbolicLink()) fs.chmodSync(path, 0o700);
    const mode = (stat.mode & 0o7777).toString(8);
    if (stat.isSymbolicLink()) {
      lines.push(`link ${JSON.stringify(relative)} -> ${JSON.stringify(fs.readlinkSync(path))}`);
    } else if (stat.isDirectory()) {
      lines.push(`directory ${mode} ${JSON.stringify(relative)}`);
      for (const name of fs.readdirSync(path).toSorted()) visit(`${relative}/${name}`);
    } else {
      lines.push(`file ${mode} ${JSON.stringify(relative)} ${fs.readFileSync(path).toString("latin1")}`);
    }
  };
  visit(".");
  return lines;
}
