import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findUtilLinux } from "@vm/command-plan";
import { checkApplets, findBusybox } from "@vm/initramfs";
import type { Host } from "../host.js";
import { findingOf, ok, type Finding } from "./check.js";
import type { Part } from "./packages.js";
import { locate, tryProgram } from "./trial.js";

/** Programs that vm starts, each tried for real. @param scratch an empty directory @param arch the guest's */
export async function checkPrograms(
  { arch, scratch }: { readonly arch: string; readonly scratch: string },
  host: Host,
): Promise<Finding[]> {
  return Promise.all([
    utilLinux(host),
    namespaces(host),
    diskImages(scratch, host),
    depmod(host),
    initramfs(arch, host),
    compilers(scratch, host),
    unpackers(host),
    remote(host),
    debugging(host),
  ]);
}

async function utilLinux(host: Host): Promise<Finding> {
  const wanted = ["setpriv", "flock", "unshare", "setsid", "mount"];
  const missing = wanted.filter((name) => findUtilLinux(name, host.env) === undefined);
  if (missing.length === 0) {
    const { works, output, reason } = await tryProgram(["setpriv", "--version"], host);
    if (works) return ok("util-linux", output.replace(/^.*from /, ""));
    return {
      name: "util-linux",
      state: "broken",
      found: `setpriv does not run: ${reason}`,
      missing: ["util-linux"],
    };
  }
  return {
    name: "util-linux",
    state: "broken",
    found: `util-linux's ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing (busybox's can do less)`,
    missing: ["util-linux"],
  };
}

/** As an ordinary user's virtiofsd has it. */
async function namespaces(host: Host): Promise<Finding> {
  const argv = ["unshare", "--user", "--map-root-user", "--mount", "true"] as const;
  const { works, reason } = await tryProgram(argv, host);
  if (works) return ok("user namespaces", "one was made");
  const restriction = readSetting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") === "1";
  return {
    name: "user namespaces",
    // As root nothing needs one.
    state: "limited",
    found: `none could be made (${reason}): an ordinary user cannot share files over virtiofs`,
    repair: restriction
      ? "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
      : readSetting("/proc/sys/user/max_user_namespaces") === "0"
        ? "sudo sysctl -w user.max_user_namespaces=15000"
        : "In a container they have to be allowed from outside.",
  };
}

function readSetting(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}

async function diskImages(scratch: string, host: Host): Promise<Finding> {
  const image = join(scratch, "trial.qcow2");
  const { works, reason } = await tryProgram(["qemu-img", "create", "-q", "-f", "qcow2", image, "1M"], host);
  if (works) return ok("qemu-img", "an image was made");
  return {
    name: "qemu-img",
    state: "limited",
    found: `${missingOr("qemu-img", reason, host)}: no virtual machine can be made, nor its disks changed`,
    missing: ["qemu-img"],
  };
}

async function depmod(host: Host): Promise<Finding> {
  const program = locate("depmod", host);
  const { works, output, reason } = await tryProgram([program ?? "depmod", "--version"], host);
  if (works) return ok("kmod", output.split("\n")[0] ?? "");
  return {
    name: "kmod",
    state: "limited",
    found: `${missingOr("depmod", reason, host)}: the guest makes the index of modules itself, which is slow`,
    missing: ["kmod"],
  };
}

async function initramfs(arch: string, host: Host): Promise<Finding> {
  try {
    const path = host.env["PATH"];
    const busybox = findBusybox(arch, path === undefined ? {} : { path });
    checkApplets(busybox);
    return ok("busybox", busybox);
  } catch (error) {
    const { found } = findingOf("busybox", "limited", error);
    return {
      name: "busybox",
      state: "limited",
      found: `no initramfs can be made, for kernels whose drivers are modules: ${found.replace(/^.*initramfs must load, and /, "")}`,
      missing: ["busybox"],
    };
  }
}

/** A program is compiled, with the headers that a kernel's build wants. */
async function compilers(scratch: string, host: Host): Promise<Finding> {
  const programs: readonly (readonly [program: string, part: Part])[] = [
    ["make", "make"],
    ["flex", "flex"],
    ["bison", "bison"],
    ["bc", "bc"],
    ["ld", "binutils"],
    ["git", "git"],
  ];
  const missing = programs.filter(([name]) => locate(name, host) === undefined);
  const source = join(scratch, "trial.c");
  writeFileSync(source, '#include <stdio.h>\nint main(void) { return puts("") == EOF; }\n');
  const compiled = await tryProgram(["gcc", "-o", join(scratch, "trial"), source], host);
  const libraries: readonly (readonly [header: string, part: Part])[] = [
    ["libelf.h", "libelf"],
    ["openssl/opensslv.h", "openssl"],
  ];
  const headers = compiled.works
    ? (
        await Promise.all(
          libraries.map(async ([header, part]) => {
            const file = join(scratch, `${part}.c`);
            writeFileSync(file, `#include <${header}>\n`);
            const { works } = await tryProgram(["gcc", "-fsyntax-only", file], host);
            return works ? undefined : ([header, part] as const);
          }),
        )
      ).filter((each) => each !== undefined)
    : libraries.filter(([header]) => !existsSync(join("/usr/include", header)));
  const lacking = [...(compiled.works ? [] : [["gcc", "gcc"] as const]), ...missing, ...headers];
  if (lacking.length === 0)
    return ok("compilers", "gcc compiles; make, flex, bison, bc, ld and git are there");
  const why = compiled.works ? "" : ` (gcc: ${missingOr("gcc", compiled.reason, host)})`;
  return {
    name: "compilers",
    state: "limited",
    found: `kernels cannot be built here (git:REVISION): ${lacking.map(([name]) => name).join(", ")} missing${why}`,
    missing: lacking.map(([, part]) => part),
  };
}

async function unpackers(host: Host): Promise<Finding> {
  return several("unpacking", "packages of kernels cannot all be unpacked", host, [
    ["bsdtar", "bsdtar"],
    ["xz", "xz"],
    ["zstd", "zstd"],
  ]);
}

async function remote(host: Host): Promise<Finding> {
  return several("ssh", "no reaching into guests that run (vm exec, vm shell, vm cp)", host, [
    ["ssh", "ssh"],
    ["sshd", "sshd"],
  ]);
}

async function debugging(host: Host): Promise<Finding> {
  return several("debugging", "no vm gdb, or no lines of source in reports", host, [
    ["gdb", "gdb"],
    ["addr2line", "binutils"],
  ]);
}

async function several(
  name: string,
  consequence: string,
  host: Host,
  programs: readonly (readonly [program: string, part: Part])[],
): Promise<Finding> {
  const tried = await Promise.all(
    programs.map(async ([program, part]) => {
      const path = locate(program, host);
      // sshd and ssh have no option that only prints the version and ends well everywhere.
      const isThere =
        path !== undefined &&
        (/^sshd?$/.test(program) || (await tryProgram([path, "--version"], host)).works);
      return { program, part, isThere };
    }),
  );
  const lacking = tried.filter(({ isThere }) => !isThere);
  if (lacking.length === 0) return ok(name, `${programs.map(([program]) => program).join(", ")} are there`);
  return {
    name,
    state: "limited",
    found: `${consequence}: ${lacking.map(({ program }) => program).join(", ")} missing`,
    missing: lacking.map(({ part }) => part),
  };
}

function missingOr(program: string, reason: string, host: Host): string {
  return locate(program, host) === undefined
    ? `${program} is not installed`
    : `${program} does not work (${reason})`;
}
