import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkExposed, withShares, type HostShare } from "@vm/guest-run";
import { hiddenPlaces } from "../../src/share/hidden-places.js";
import { parseMountPoints } from "../../src/share/mount-points.js";
import { deniedPlaces, planViews } from "../../src/share/view.js";

let work: string;
let home: string;

beforeEach(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), "vm view, 'x' \\ ")));
  home = join(work, "home");
  mkdirSync(join(home, ".config/gcloud"), { recursive: true });
  mkdirSync(join(home, "dots/ssh"), { recursive: true });
  symlinkSync("dots/ssh", join(home, ".ssh"));
  for (const file of [".netrc", "dots/ssh/id", ".config/gcloud/token", "plain"])
    writeFileSync(join(home, file), "secret\n");
});

afterEach(() => rmSync(work, { recursive: true, force: true }));

const asRoot = process.getuid?.() === 0 ? [] : ["unshare", "--user", "--map-root-user"];

function share(path: string, access: HostShare["access"] = "read-only"): HostShare {
  return { id: `id-${path.length}`, tag: "tag", path, access, cache: "none", submounts: "flat" };
}

/** What a program sees in the place of QEMU: `$1`, `$2`... are the places of the views. */
function look(shares: readonly HostShare[], script: string, privacy = {}): string {
  const settings = {
    way: "9p",
    privacy: { env: { HOME: home }, ...privacy },
    confinement: "mounts",
  } as const;
  const views = planViews(shares, settings);
  const program = ["sh", "-c", script, "sh", ...views.map(({ place }) => place)] as const;
  const argv = withShares(program, {
    way: { kind: "9p" },
    shares,
    directory: "",
    views,
    denied: [],
    rights: "usual",
  });
  const [first = "", ...rest] = [...asRoot, ...argv];
  const { stdout, stderr } = spawnSync(first, rest, { encoding: "utf8" });
  return stdout + stderr;
}

test("the host's processes, kernel and devices are not in a view of /, and QEMU has its own", () => {
  const script = `cd "$1" && ls -A proc sys run dev; [ -e /proc/self/environ ] && [ -c /dev/null ] && echo own; ls bin/sh`;
  expect(look([share("/")], script)).toBe("dev:\n\nproc:\n\nrun:\n\nsys:\nown\nbin/sh\n");
});

test("what is secret is empty, in both places that a link gives it, and files beside it are there", () => {
  const script = `cd "$1" && ls -A .ssh/ dots/ssh .config/gcloud; cat .netrc plain; ls -la .netrc | cut -c1-10; echo x >.netrc`;
  const seen = look([share(home)], script);
  expect(seen).toMatch(/^\.config\/gcloud:\n\n\.ssh\/:\n\ndots\/ssh:\nsecret\n-rw-------\n/);
  expect(readdirSync(join(home, "dots/ssh"))).toEqual(["id"]);
});

test("passwords are taken out of the accounts", () => {
  const script = `cd "$1/etc" && cut -d: -f1 passwd | sort >"$T/a"; cut -d: -f1 shadow | sort | cmp - "$T/a" && cut -d: -f2 shadow gshadow | sort -u`;
  const run = `T=$(mktemp -d); export T; ${script}; rm -r "$T"`;
  // Another user than root cannot read them, and hides nothing.
  const expected = process.getuid?.() === 0 ? /^\*\n$/ : /Permission denied/;
  expect(look([share("/")], run)).toMatch(expected);
});

function line(path: string, type: string, root = "/", device = "0:99"): string {
  return `1 1 ${device} ${root} ${path} rw - ${type} x rw`;
}

test("file systems of the kernel are hidden wherever they are mounted, and secrets where else theirs are", () => {
  mkdirSync(join(work, "again"));
  mkdirSync(join(work, "again/.config/gcloud"), { recursive: true });
  mkdirSync(join(work, "chroot/proc"), { recursive: true });
  const escaped = work.replaceAll("\\", "\\134").replaceAll(" ", "\\040");
  const mounts = parseMountPoints(
    [
      line("/", "ext4", "/", "1:1"),
      line(`${escaped}/chroot/proc`, "proc"),
      line(`${escaped}/again`, "ext4", `${escaped}/home`, "1:1"),
    ].join("\n"),
  );
  const paths = hiddenPlaces({ env: { HOME: home } }, mounts).map(({ path }) => path);
  expect(paths).toContain(join(work, "chroot/proc"));
  expect(paths).toContain(join(work, "again/.config/gcloud"));
});

test("the accounts of a root that is mounted a second time have no passwords there either", () => {
  mkdirSync(join(work, "root/etc"), { recursive: true });
  writeFileSync(join(work, "root/etc/shadow"), "");
  const escaped = work.replaceAll("\\", "\\134").replaceAll(" ", "\\040");
  const mounts = parseMountPoints(
    [line("/", "ext4", "/", "1:1"), line(`${escaped}/root`, "ext4", "/", "1:1")].join("\n"),
  );
  const [view] = planViews([share("/")], { way: "9p", privacy: {}, confinement: "mounts", mounts });
  const covers = view?.table.split("\n").filter((cover) => cover.startsWith("/proc/fs/shadow "));
  // Another user than root cannot read them anyway.
  expect(covers).toHaveLength(process.getuid?.() === 0 ? 2 : 0);
});

test("what is exposed, or hidden besides, is as config.json and --expose say", () => {
  const script = `cd "$1" && cat .ssh/id .netrc; ls plain; cat plain`;
  expect(look([share(home)], script, { expose: [join(home, ".ssh")], hide: [join(home, "plain")] })).toBe(
    "secret\nplain\n",
  );
  expect(look([share(home)], 'echo "$#"', { expose: [home] })).toBe("0\n");
  expect(look([share(join(home, "dots/ssh"))], 'echo "$#"')).toBe("0\n");
});

test("--expose of what is not hidden, or of a part of what is, is refused", () => {
  const privacy = { env: { HOME: home } };
  expect(() => checkExposed(join(home, ".ssh"), privacy)).not.toThrow();
  expect(() => checkExposed("/", privacy)).not.toThrow();
  expect(() => checkExposed(join(home, "plain"), privacy)).toThrow(
    expect.objectContaining({ code: "EXPOSE_MEANINGLESS", message: expect.stringContaining("is hidden") }),
  );
  expect(() => checkExposed(join(home, ".ssh/id"), privacy)).toThrow(
    expect.objectContaining({ hint: `Expose that: --expose ${join(home, "dots/ssh")}` }),
  );
});

test("a directory that is for reading is not to be seen, nor to be written, in the view of one around it", () => {
  const [outer, inner] = [share(home, "read-write"), share(join(home, "dots"))];
  const script = `cd "$2" && touch dots/new; touch made && ls -A dots made`;
  expect(look([inner, outer], script)).toMatch(/^made\n\ndots:\ntouch: .*Read-only file system\n$/);
  expect(readdirSync(join(home, "dots"))).toEqual(["ssh"]);
  expect(() => planViews([inner, outer], { way: "9p", privacy: {}, confinement: "none" })).toThrow(
    expect.objectContaining({ code: "SHARES_CONFLICT" }),
  );
});

test("Landlock denies what is hidden in a share, but for one that the guest may change or that names it", () => {
  const denied = (...shares: HostShare[]): string[] =>
    deniedPlaces(shares, { env: { HOME: home } }).filter((path) => path.startsWith(home));
  const all = [".config/gcloud", ".netrc", "dots/ssh"].map((name) => join(home, name));
  expect(denied(share("/")).toSorted()).toEqual(all);
  expect(denied(share(home), share(join(home, "dots"), "read-write")).toSorted()).toEqual(all.slice(0, 2));
  expect(denied(share("/"), share(home, "read-write"))).toEqual([]);
  expect(denied(share("/"), share(join(home, ".ssh"))).toSorted()).toEqual(all.slice(0, 2));
  expect(denied(share(join(home, ".config/gcloud")))).toEqual([]);
  const system = deniedPlaces([share("/")], {}).filter((path) => /^\/(?:proc|sys|dev|run)\b/.test(path));
  expect(system).toEqual(["/proc", "/sys", "/dev/shm", "/dev/mqueue", "/run"]);
  const offered = {
    way: { kind: "9p" },
    shares: [],
    directory: "",
    views: [],
    denied: all,
    rights: "usual",
  } as const;
  expect(withShares(["qemu", "-S"], offered).slice(2)).toEqual([all.join("\n"), "qemu", "-S"]);
  const bridged = ["qemu", "-netdev", "bridge,id=n"] as const;
  expect(withShares(bridged, offered, "setuid")).toEqual(bridged);
});

test("QEMU can neither make device nodes nor look into processes with more rights", () => {
  chmodSync(work, 0o755);
  const script = `mknod "${work.replaceAll("\\", "\\\\")}/node" c 1 3; cat /proc/$PPID/environ /proc/1/environ >/dev/null`;
  expect(look([share("/")], script)).toMatch(/mknod: .*\n(?:.*\n)?cat: .*Permission denied\n/);
});

test("a place that is gone since then is left out, and one that cannot be covered ends it all", () => {
  const settings = { way: "9p", privacy: { env: { HOME: home } }, confinement: "mounts" } as const;
  const shares = [share(home)];
  const views = planViews(shares, settings);
  const start = (table: (table: string) => string): string => {
    const changed = views.map((view) => ({ ...view, table: table(view.table) }));
    const offered = {
      way: { kind: "9p" },
      shares,
      directory: "",
      views: changed,
      denied: [],
      rights: "usual",
    } as const;
    const [first = "", ...rest] = [...asRoot, ...withShares(["echo", "running"], offered)];
    const { stdout, stderr } = spawnSync(first, rest, { encoding: "utf8" });
    return stdout + stderr;
  };
  rmSync(join(home, ".config/gcloud"), { recursive: true });
  expect(start((table) => table)).toBe("running\n");
  expect(start((table) => table.replace("tmpfs", "nonesuch"))).toContain(
    "vm: cannot hide places of the host",
  );
});
