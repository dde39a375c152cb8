import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { renderScript } from "../src/index.js";
import { fullInstallation } from "./installation.js";
import { createLiveSystem, type LiveSystem } from "./live-system.js";

let live: LiveSystem;

beforeEach(() => {
  live = createLiveSystem();
});

afterEach(() => live.remove());

/** Installs, and says which of the tools for clock and keyring were called. */
function install(environment: Readonly<Record<string, string>>): readonly string[] {
  const file = `${live.device}.sh`;
  writeFileSync(file, renderScript({ ...fullInstallation, rootDev: live.device }));
  const { status, stderr } = live.run(["bash", file], { environment });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return live
    .calls()
    .map((call) => call.join(" "))
    .filter((call) => /^(date .*--set|pacman-key|gpgconf|pacman --sync|systemctl (start|stop))/.test(call));
}

const SIGNED = { FAKE_SIGNATURES: "PackageRequired" };
const REFRESH = "pacman --sync --refresh --needed --noconfirm archlinux-keyring";
const MAKE = ["pacman-key --init", "pacman-key --populate"];
const LONG_AGO = "Sat, 01 Jan 2000 00:00:00 GMT";

test("where nothing is signed, nobody cares for keys", () => {
  expect(install({})).toEqual([]);
});

test("a keyring that is there is only refreshed", () => {
  expect(install({ ...SIGNED, FAKE_KEYRING_SERVICE: "active" })).toEqual([REFRESH]);
});

test("one that is being made is waited for", () => {
  expect(install({ ...SIGNED, FAKE_KEYRING_SERVICE: "activating" })).toEqual([
    "systemctl start pacman-init.service",
    REFRESH,
  ]);
});

test("one that waits for a time server is made at once", () => {
  expect(install({ ...SIGNED, FAKE_RUN: "archiso" })).toEqual([
    "systemctl stop pacman-init.service",
    "gpgconf --homedir /etc/pacman.d/gnupg --kill all",
    ...MAKE,
    REFRESH,
  ]);
});

test("a wrong clock is set by the mirror, and keys made before that are made anew", () => {
  const environment = { ...SIGNED, FAKE_RUN: "archiso", FAKE_KEYRING_SERVICE: "active", FAKE_DATE: LONG_AGO };
  expect(install(environment)).toEqual([
    "date --utc --set=@946684800",
    "systemctl stop pacman-init.service",
    "gpgconf --homedir /etc/pacman.d/gnupg --kill all",
    ...MAKE,
    REFRESH,
  ]);
});

test("outside of a live system the keyring is not emptied", () => {
  expect(install({ ...SIGNED, FAKE_DATE: LONG_AGO, FAKE_KEYRING_SERVICE: "active" })).toEqual([
    "date --utc --set=@946684800",
    ...MAKE,
    REFRESH,
  ]);
});

test("a clock that is right is left alone", () => {
  expect(install({ FAKE_DATE: new Date().toUTCString() })).toEqual([]);
});
