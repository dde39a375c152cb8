// @ts-check
// The program in the formats of npm, Debian, Arch Linux, RPM and Nix. Nothing here needs root, and the same commit gives the same bytes.
import { compress, renderDeb, renderPacmanTar, renderTar } from "@vm/modules-mounter/system-package";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "../step.mjs";
import {
  DESCRIPTION,
  LEAST_NODE,
  NAME,
  RELEASE,
  hostPrograms,
  installedFiles,
  programFiles,
  sharedFiles,
} from "./program.mjs";

/**
 * @typedef {import("./program.mjs").Origin} Origin
 * @typedef {{ name: string, content: Uint8Array }} Made a file of a release
 */

const MAINTAINER = "vm release:packages <root@localhost>";
const LICENSE = "MIT";

/** @param {Uint8Array} data */
function zstd(data) {
  const options = { input: data, maxBuffer: 1024 ** 3 };
  try {
    return execFileSync("zstd", ["-q", "-12", "-T1", "-c"], options);
  } catch (cause) {
    throw new Error("zstd failed: the Debian package zstd brings it", { cause });
  }
}

/**
 * What `npm install -g` takes; nothing else is asked for.
 * @param {Origin} origin
 * @returns {Promise<Made>}
 */
export async function npmTarball(origin) {
  const program = [...programFiles(origin, "npm package"), ...sharedFiles()];
  const files = program.map((file) => ({ ...file, path: `package/${file.path.replace(/^usr\//, "")}` }));
  const tar = await renderTar(files, { mtimeSeconds: origin.epochSeconds });
  return { name: `${NAME}-${origin.version}.tgz`, content: compress(tar, "gzip") };
}

/**
 * For Debian 13 and newer, whose own Node runs it.
 * @param {Origin} origin
 * @returns {Promise<Made>}
 */
export async function debWithSystemNode(origin) {
  const files = installedFiles(origin, "Debian package", `usr/share/doc/${NAME}/copyright`);
  return await deb(origin, {
    name: NAME,
    architecture: "all",
    depends: `nodejs (>= ${LEAST_NODE})`,
    files,
  });
}

/**
 * For Debian 12 and others whose Node is too old: with a Node of its own.
 * @param {Origin} origin
 * @param {Uint8Array} oneFile
 * @returns {Promise<Made>}
 */
export async function debWithOwnNode(origin, oneFile) {
  const name = `${NAME}-with-node`;
  const files = [
    { path: "usr/bin/vm", mode: 0o755, content: oneFile },
    ...sharedFiles(),
    {
      path: `usr/share/doc/${name}/copyright`,
      mode: 0o644,
      content: readFileSync(join(ROOT, "LICENSE")),
    },
  ];
  return await deb(origin, {
    name,
    architecture: "amd64",
    depends: "libc6 (>= 2.28), libgcc-s1, libstdc++6",
    files,
    others: [
      ["Provides", NAME],
      ["Conflicts", NAME],
      ["Replaces", NAME],
    ],
  });
}

/**
 * @param {Origin} origin
 * @param {{ name: string, architecture: string, depends: string, files: readonly import("./program.mjs").Entry[], others?: readonly (readonly [string, string])[] }} what
 * @returns {Promise<Made>}
 */
async function deb(origin, { name, architecture, depends, files, others = [] }) {
  const version = `${origin.version}-${RELEASE}`;
  const content = await renderDeb({
    fields: [
      ["Package", name],
      ["Version", version],
      ["Architecture", architecture],
      ["Maintainer", MAINTAINER],
      ["Depends", depends],
      // apt installs them too.
      ["Recommends", hostPrograms("debian").join(", ")],
      ...others,
      ["Section", "devel"],
      ["Priority", "optional"],
      ["Description", DESCRIPTION],
    ],
    files,
    epochSeconds: origin.epochSeconds,
    packed: { suffix: ".zst", compress: zstd },
  });
  return { name: `${name}_${version}_${architecture}.deb`, content };
}

/**
 * For those who build with makepkg: the same package out of npm's tarball, which is to lie beside it.
 * @param {Origin} origin
 * @param {Made} tarball
 * @returns {Made}
 */
export function pkgbuild({ version }, tarball) {
  const text = `# The same package as ${NAME}-${version}-${RELEASE}-any.pkg.tar.zst, out of npm's tarball beside this file: makepkg
pkgname=${NAME}
pkgver=${version}
pkgrel=${RELEASE}
pkgdesc='${DESCRIPTION}'
arch=('any')
license=('${LICENSE}')
depends=('nodejs>=${LEAST_NODE}')
optdepends=(${hostPrograms("arch")
    .map((name) => `'${name}'`)
    .join(" ")})
source=('${tarball.name}')
noextract=('${tarball.name}')
# Pages as they are, as in the package of release:packages.
options=('!zipman')
sha256sums=('${createHash("sha256").update(tarball.content).digest("hex")}')

package() {
  install -d "$pkgdir/usr/lib/${NAME}" "$pkgdir/usr/bin"
  bsdtar -xf ${tarball.name} -C "$pkgdir/usr/lib/${NAME}" --strip-components 1 --no-same-owner
  sed -i '1s|^#!/usr/bin/env node$|#!/usr/bin/node|' "$pkgdir/usr/lib/${NAME}/bin/"*.cjs
  sed -i 's|"kind": "npm package"|"kind": "Arch package"|' "$pkgdir/usr/lib/${NAME}/package.json"
  mv "$pkgdir/usr/lib/${NAME}/share" "$pkgdir/usr/share"
  ln -s ../lib/${NAME}/bin/vm.cjs "$pkgdir/usr/bin/vm"
  install -Dm644 "$pkgdir/usr/lib/${NAME}/LICENSE" "$pkgdir/usr/share/licenses/${NAME}/LICENSE"
}
`;
  return { name: "PKGBUILD", content: Buffer.from(text) };
}

/**
 * @param {Origin} origin
 * @param {Made} build the PKGBUILD
 * @returns {Promise<Made>}
 */
export async function archPackage(origin, build) {
  const metadata = {
    name: NAME,
    version: origin.version,
    release: RELEASE,
    description: DESCRIPTION,
    license: LICENSE,
    dependencies: [`nodejs>=${LEAST_NODE}`],
    pkgbuild: build.content,
  };
  const { tar } = await renderPacmanTar(metadata, {
    files: installedFiles(origin, "Arch package", `usr/share/licenses/${NAME}/LICENSE`),
    epochSeconds: origin.epochSeconds,
    packager: MAINTAINER,
    tool: "vm-release-packages",
    optional: hostPrograms("arch"),
  });
  return { name: `${NAME}-${origin.version}-${RELEASE}-any.pkg.tar.zst`, content: zstd(tar) };
}

/**
 * By rpmbuild, which writes the place and the time of the build nowhere in it.
 * @param {Origin} origin
 * @param {string} scratch an empty directory
 * @returns {Made}
 */
export function rpm(origin, scratch) {
  const files = installedFiles(origin, "RPM package", `usr/share/licenses/${NAME}/LICENSE`);
  const tree = join(scratch, "tree");
  for (const { path, mode, content, link } of files) {
    const file = join(tree, path);
    mkdirSync(dirname(file), { recursive: true });
    if (link !== undefined) symlinkSync(link, file);
    if (content === undefined) continue;
    writeFileSync(file, content);
    chmodSync(file, mode);
  }
  const spec = `Name: ${NAME}
Version: ${origin.version}
Release: ${RELEASE}
Summary: ${DESCRIPTION}
License: ${LICENSE}
BuildArch: noarch
AutoReqProv: no
# Fedora's nodejs has an epoch, so its own version is above any that has none.
Requires: nodejs(engine) >= ${LEAST_NODE}
${hostPrograms("fedora")
  .map((name) => `Recommends: ${name}`)
  .join("\n")}

%description
${DESCRIPTION}.

%install
mkdir -p %{buildroot}
cp -a ${tree}/. %{buildroot}/

%files
%defattr(-,root,root,-)
/usr/bin/vm
/usr/lib/${NAME}
/usr/share/bash-completion/completions/vm
/usr/share/fish/vendor_completions.d/vm.fish
/usr/share/man/man*/*
/usr/share/zsh/site-functions/_vm
/usr/share/licenses/${NAME}
`;
  writeFileSync(join(scratch, "vm.spec"), spec);
  const macros = {
    _topdir: join(scratch, "rpmbuild"),
    _rpmdir: join(scratch, "made"),
    _buildhost: "reproducible",
    _build_id_links: "none",
    __os_install_post: "%{nil}",
    _binary_payload: "w12.zstdio",
    use_source_date_epoch_as_buildtime: "1",
    clamp_mtime_to_source_date_epoch: "1",
    // Files are those of the commit's time, whenever they were written here.
    build_mtime_policy: "clamp_to_source_date_epoch",
  };
  const defines = Object.entries(macros).flatMap(([name, value]) => ["--define", `${name} ${value}`]);
  try {
    execFileSync("rpmbuild", ["-bb", "--quiet", ...defines, join(scratch, "vm.spec")], {
      env: { ...process.env, SOURCE_DATE_EPOCH: String(origin.epochSeconds), HOME: scratch },
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
    });
  } catch (cause) {
    throw new Error(`rpmbuild failed (the Debian package rpm brings it): ${String(cause)}`, { cause });
  }
  const directory = join(scratch, "made/noarch");
  const [name = ""] = readdirSync(directory);
  const content = readFileSync(join(directory, name));
  rmSync(scratch, { recursive: true });
  return { name, content };
}

/**
 * A flake for the directory of a release: `nix run path:DIRECTORY -- --help`.
 * @param {Origin} origin
 * @param {Made} tarball
 * @returns {Made}
 */
export function flake({ version }, tarball) {
  const text = `{
  description = "${DESCRIPTION}";

  inputs.nixpkgs.url = "nixpkgs";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forEach = nixpkgs.lib.genAttrs systems;
    in
    {
      packages = forEach (
        system:
        let
          pkgs = nixpkgs.legacyPackages.\${system};
        in
        {
          default = pkgs.stdenvNoCC.mkDerivation {
            pname = "${NAME}";
            version = "${version}";
            src = ./${tarball.name};
            sourceRoot = "package";
            nativeBuildInputs = [ pkgs.makeWrapper ];
            # Nothing of it is changed, but who made the package.
            dontBuild = true;
            installPhase = ''
              runHook preInstall
              mkdir -p $out/lib/${NAME} $out/bin
              cp -r . $out/lib/${NAME}/
              mv $out/lib/${NAME}/share $out/share
              sed -i 's|"kind": "npm package"|"kind": "Nix package"|' $out/lib/${NAME}/package.json
              makeWrapper \${pkgs.nodejs}/bin/node $out/bin/vm \\
                --add-flags $out/lib/${NAME}/bin/vm.cjs \\
                --suffix PATH : \${
                  pkgs.lib.makeBinPath [
${hostPrograms("nix")
  .map((name) => `                    pkgs.${name}`)
  .join("\n")}
                  ]
                }
              runHook postInstall
            '';
            meta.mainProgram = "vm";
          };
        }
      );
    };
}
`;
  return { name: "flake.nix", content: Buffer.from(text) };
}
