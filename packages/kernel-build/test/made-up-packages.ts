import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The files of a package: path without a leading slash, and content. */
export type Files = Readonly<Record<string, string | Buffer>>;

interface Deb {
  readonly name: string;
  readonly version?: string;
  readonly arch?: string;
  /** Other lines of the control file. */
  readonly fields?: readonly string[];
  /** Without: as whoever calls dpkg-deb by hand leaves it. */
  readonly sums?: boolean;
  /** Another name of the file. */
  readonly file?: string;
}

/** A `.deb` in `directory`, made by dpkg-deb; its path. */
export function makeDeb(directory: string, deb: Deb, files: Files): string {
  const { name, version = "1-1", arch = "amd64", fields = [], sums = true } = deb;
  const file = join(directory, deb.file ?? `${name}_${version}_${arch}.deb`);
  inScratch((root) => {
    writeAll(root, files);
    const control = [
      `Package: ${name}`,
      `Version: ${version}`,
      `Architecture: ${arch}`,
      "Maintainer: x <x@y>",
      ...fields,
      "Description: x",
    ];
    writeAll(root, { "DEBIAN/control": `${control.join("\n")}\n` });
    const lines = Object.entries(files).map(
      ([path, content]) => `${createHash("md5").update(content).digest("hex")}  ${path}\n`,
    );
    if (sums && lines.length > 0) writeAll(root, { "DEBIAN/md5sums": lines.join("") });
    execFileSync("dpkg-deb", ["--root-owner-group", "-b", root, file], { stdio: "ignore" });
  });
  return file;
}

interface Rpm {
  readonly name: string;
  readonly version?: string;
  readonly release?: string;
  readonly requires?: readonly string[];
  readonly provides?: readonly string[];
}

/** An `.rpm` in `directory`, made by rpmbuild; its path. */
export function makeRpm(directory: string, rpm: Rpm, files: Files): string {
  const { name, version = "6.17.4", release = "200.fc42", requires = [], provides = [] } = rpm;
  return inScratch((scratch) => {
    const root = join(scratch, "root");
    mkdirSync(root);
    writeAll(root, files);
    const spec = [
      "%global debug_package %{nil}",
      "%global _build_id_links none",
      "%global __os_install_post %{nil}",
      `Name: ${name}`,
      `Version: ${version}`,
      `Release: ${release}`,
      "Summary: x",
      "License: GPL-2.0",
      "AutoReqProv: no",
      ...requires.map((need) => `Requires: ${need}`),
      ...provides.map((provided) => `Provides: ${provided}`),
      "%description",
      "x",
      "%files",
      ...Object.keys(files).map((path) => `/${path}`),
    ];
    writeAll(scratch, { "x.spec": `${spec.join("\n")}\n` });
    const argv = [
      "-bb",
      "--target",
      "x86_64-linux",
      "--define",
      `_topdir ${scratch}/top`,
      "--buildroot",
      root,
      "x.spec",
    ];
    execFileSync("rpmbuild", argv, { cwd: scratch, stdio: ["ignore", "ignore", "pipe"] });
    const made = join(scratch, "top/RPMS/x86_64");
    const [built = ""] = readdirSync(made);
    const file = join(directory, built);
    writeFileSync(file, readFileSync(join(made, built)));
    return file;
  });
}

/** A package of pacman's. */
export function makePacman(directory: string, name: string, files: Files): string {
  const file = join(directory, name);
  inScratch((root) => {
    writeAll(root, { ".PKGINFO": `pkgname = ${name}\n`, ...files });
    execFileSync("bsdtar", ["-caf", file, "-C", root, ".PKGINFO", "usr"]);
  });
  return file;
}

function inScratch<Result>(work: (directory: string) => Result): Result {
  const scratch = mkdtempSync(join(tmpdir(), "kernel-build-package-"));
  try {
    return work(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function writeAll(root: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}
