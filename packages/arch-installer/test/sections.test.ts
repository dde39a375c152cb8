import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import * as fc from "fast-check";
import { beforeEach, afterEach, expect, test } from "vitest";
import { type Installation, parseProgress, type Progress, renderScript } from "../src/index.js";
import { command, password } from "./arbitrary.js";
import { fullInstallation, plainInstallation, SSH_KEY } from "./installation.js";
import { createLiveSystem, type LiveRun, type LiveSystem } from "./live-system.js";

let live: LiveSystem;

beforeEach(() => {
  live = createLiveSystem();
});

afterEach(() => live.remove());

function install(
  installation: Installation,
  failOn = "",
  environment: Readonly<Record<string, string>> = {},
): LiveRun {
  const file = `${live.device}.sh`;
  writeFileSync(file, renderScript({ ...installation, rootDev: live.device }));
  return live.run(["bash", file], { failOn, environment });
}

function progressOf({ stdout, stderr }: LiveRun): Progress[] {
  return `${stdout}\n${stderr}`.split("\n").flatMap((line) => parseProgress(line) ?? []);
}

const full: Installation = { ...fullInstallation, partitionTable: "mbr", firmware: "both" };

test("each section is announced, and the last line says that it is done", () => {
  const run = install(full);
  expect(run).toMatchObject({ status: 0, stderr: "" });
  const progress = progressOf(run);
  const sections = progress.filter(({ kind }) => kind === "section");
  expect(sections.map((each) => each.kind === "section" && each.number)).toEqual(
    sections.map((_, index) => index + 1),
  );
  expect(sections.every((each) => each.kind === "section" && each.count === sections.length)).toBe(true);
  expect(progress.at(-1)).toEqual({ kind: "done", message: `testvm is installed on ${live.device}` });
});

test.each<[title: string, failOn: string]>([
  ["Check this system", "lsblk --noheadings"],
  ["Prepare pacman", "pacman-conf SigLevel"],
  ["Partition and format", "sfdisk"],
  ["Partition and format", "mkfs.btrfs"],
  ["Partition and format", "mkfs.fat"],
  ["Prepare pacman", "rm --recursive --force /run/arch-install"],
  ["Check the packages", "tar --create"],
  ["Unpack hello", "base64 --decode"],
  ["Install the packages", "pacstrap"],
  ["Install the packages", "rm /mnt/var/lib/pacman/sync/arch-install.db"],
  ["Write /etc/fstab", "genfstab"],
  ["Configure the locale", "locale-gen"],
  ["Configure the time", "/etc/localtime"],
  ["Configure the network", "/etc/resolv.conf"],
  ["Configure the services", "systemd-machine-id-setup"],
  ["Configure the services", "systemd-networkd"],
  ["Create the users", "useradd"],
  ["Create the users", "chpasswd"],
  ["Install the boot loader", "i386-pc"],
  ["Install the boot loader", "x86_64-efi"],
  ["Run the commands asked for", "false || true"],
  ["Unmount the new system", "umount"],
])("%s: a failure of %s stops it there and is told, and a second run succeeds", (title, failOn) => {
  const failed = install(full, failOn);
  expect(failed.status).toBe(9);
  const progress = progressOf(failed);
  const last = progress.at(-1);
  expect(last).toMatchObject({ kind: "failed", message: expect.stringContaining(title) });
  expect(last).toMatchObject({ message: expect.stringMatching(/: line \d+: .* \(status 9\)$/) });
  expect(progress.at(-2)).toMatchObject({ kind: "section", title: expect.stringContaining(title) });
  expect(live.calls().at(-1)?.join(" ")).toContain(failOn);

  const again = install(full);
  expect(again).toMatchObject({ status: 0, stderr: "" });
  expect(live.readFile("etc/fstab")).toBe(
    "UUID=1 / ext4 rw,relatime 0 1\nUUID=2\t/efi\tvfat\tnofail,rw,relatime,fmask=0022,shortname=mixed,utf8\t0 2\n",
  );
});

/** What was called of all that changes a disk. */
function changes(): readonly string[] {
  const changing = /^(sfdisk|mkfs\..*|mount|pacstrap)$/;
  return live.calls().flatMap(([tool = ""]) => (changing.test(tool) ? [tool] : []));
}

test("a time zone that the live system does not know is refused before anything is changed", () => {
  for (const timezone of ["Europe/Nowhere", "Europe", "Europe/Berlin/x"]) {
    const run = install({ ...full, timezone });
    expect(run.stderr).toContain(`Check this system: there is no time zone ${timezone} (status 1)`);
  }
  expect(changes()).toEqual([]);
});

test("an old name of a time zone is known by the list of all names", () => {
  const zones = readFileSync("/usr/share/zoneinfo/tzdata.zi", "utf8");
  const pattern = /'(\^\(Z\|L .*)' \/usr\/share/.exec(renderScript({ ...full, timezone: "Etc/GMT+5" }))?.[1];
  const names = spawnSync("grep", ["-E", pattern ?? "nothing"], { encoding: "utf8", input: zones }).stdout;
  expect(names).toMatch(/^Z Etc\/GMT\+5 \S.*\n$/);
});

test("a package that no repository has is named before anything is changed", () => {
  const run = install({ ...full, packages: ["nothing-of-the-kind"] }, "", {
    FAKE_UNKNOWN: "nothing-of-the-kind",
  });
  expect(run.status).toBe(1);
  expect(progressOf(run).at(-1)).toMatchObject({
    kind: "failed",
    message: expect.stringContaining("cannot be installed: error: target not found: nothing-of-the-kind"),
  });
  expect(changes()).toEqual([]);
});

test("what the new system does not have is told by name, too", () => {
  const locale = install({ ...full, locales: ["fr_FR.UTF-8"] });
  expect(locale.stderr).toContain("there is no locale fr_FR.UTF-8 UTF-8 in /etc/locale.gen (status 1)");
  const zone = install({ ...full, timezone: "Asia/Tokyo" });
  expect(zone.stderr).toContain("Configure the time: there is no time zone Asia/Tokyo (status 1)");
});

test("a locale is taken as it is written, not as a pattern", () => {
  expect(install({ ...full, locales: ["en_US.UTF-8"] }).status).toBe(0);
  expect(live.readFile("etc/locale.gen")).toBe(
    "#C.UTF-8 UTF-8  \n#de_DE.UTF-8 UTF-8  \nen_US.UTF-8 UTF-8\n#en_USxUTF-8 UTF-8  \n",
  );
  expect(live.readFile("etc/locale.conf")).toBe("LANG=en_US.UTF-8\n");
});

test("a disk that is not blank stays as it is without a terminal; with wipe it does not matter", () => {
  live.fillDisk();
  const refused = install({ ...full, wipe: "ask" });
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain("is not blank, and there is no terminal to ask on: --yes wipes it");
  expect(live.calls().map(([tool]) => tool)).not.toContain("sfdisk");
  expect(install({ ...full, wipe: "always" }).status).toBe(0);
});

test("a blank disk is not asked about", () => {
  expect(install({ ...full, wipe: "ask" }).status).toBe(0);
});

test("without a terminal to ask for the password on, nothing is changed", () => {
  const run = install({ ...plainInstallation, rootPassword: { kind: "ask" } });
  expect(run.stderr).toContain("no terminal to ask for root's password on");
  expect(live.calls().map(([tool]) => tool)).not.toContain("sfdisk");
});

test.each<[devices: string, message: string]>([
  ["part ", "is a part, and a whole disk is needed"],
  ["disk /srv/a b", "is in use: its disk is mounted on /srv/a b"],
  ["disk \npart \npart [SWAP]", "is in use: its part is mounted on [SWAP]"],
])("a device that lsblk shows as %j is left alone", (devices, message) => {
  const run = install(full, "", { FAKE_DEVICES: devices });
  expect(run.status).toBe(1);
  expect(run.stderr).toContain(`${live.device} ${message}`);
  expect(live.calls().map(([tool]) => tool)).not.toContain("sfdisk");
});

test("the new system is what was asked for", () => {
  expect(install(full).status).toBe(0);
  const calls = live.calls().map((call) => call.join(" "));
  expect(calls).toContain(`mkfs.btrfs --label my root ${live.device}1`);
  expect(live.readFile("etc/hostname")).toBe("testvm\n");
  expect(live.readFile("root/.ssh/authorized_keys")).toBe(`${SSH_KEY}\n`);
  expect(live.readFile("home/you/.ssh/authorized_keys")).toBe(`${SSH_KEY}\n`);
  expect(live.readFile("etc/sudoers.d/10-me")).toBe("me ALL=(ALL:ALL) NOPASSWD: ALL\n");
  expect(live.readFile("etc/systemd/network/20-wired.network")).not.toContain("MACAddress");
  expect(live.readFile("etc/systemd/system/serial-getty@ttyS0.service.d/autologin.conf")).toContain(
    "--autologin me ",
  );
  expect(live.readFile("var/cache/pacman/pkg/hello-1.0-1-any.pkg.tar.gz")).toBe("a package");
});

test("passwords and commands arrive as they are, whatever is in them", () => {
  fc.assert(
    fc.property(password, fc.array(command, { minLength: 1, maxLength: 3 }), (secret, commands) => {
      const run = install({ ...full, rootPassword: { kind: "plain", password: secret }, commands });
      expect(run).toMatchObject({ status: 0, stderr: "" });
      expect(live.password()).toBe(`root:${secret}\n`);
      const ran = live.calls().filter((call) => call.includes("-euo"));
      expect(ran.slice(-commands.length).map((call) => call.at(-1))).toEqual(commands);
    }),
    { numRuns: 8 },
  );
});

test("a password is not in the message about its failure", () => {
  const run = install({ ...full, rootPassword: { kind: "plain", password: "s3cret" } }, "chpasswd");
  expect(run.stderr).toContain("chpasswd");
  expect(run.stdout + run.stderr).not.toContain("s3cret");
});

test("on a terminal it asks, before anything is changed", () => {
  live.fillDisk();
  const file = `${live.device}.sh`;
  writeFileSync(file, renderScript({ ...plainInstallation, rootDev: live.device }));
  const terminal = ["script", "--quiet", "--return", "--command", `bash ${file}`, "/dev/null"] as const;
  const no = live.run([...terminal], { input: "no\n" });
  expect(no.stdout).toContain("is not blank: nothing was changed");
  expect(live.calls().map(([tool]) => tool)).not.toContain("sfdisk");
  const yes = live.run([...terminal], { input: "yes\none\nanother\nthe $same\nthe $same\n" });
  expect(yes.stdout).toContain("The passwords do not match.");
  expect(yes).toMatchObject({ status: 0 });
  expect(live.password()).toBe("root:the $same\n");
});

test("run as somebody else than root it says so", () => {
  const file = `${live.device}.sh`;
  writeFileSync(file, renderScript(full));
  const run = spawnSync("unshare", ["--user", "bash", file], { encoding: "utf8" });
  expect(run.status).toBe(1);
  expect(run.stderr).toContain("Check this system: this has to be run as root (status 1)");
});
