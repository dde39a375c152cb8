import { expect, test } from "vitest";
import { guestEnvironment } from "@vm/guest-run";

test("sbin comes behind the person's own path, in which nothing is moved", () => {
  expect(guestEnvironment({ PATH: "/home/me/bin:/usr/bin:/bin:/usr/games" })["PATH"]).toBe(
    "/home/me/bin:/usr/bin:/bin:/usr/games:/usr/local/sbin:/usr/sbin:/sbin",
  );
  const root = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin";
  expect(guestEnvironment({ PATH: root })["PATH"]).toBe(root);
});

test("without a path there is the system's", () => {
  const system = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  expect(guestEnvironment({})["PATH"]).toBe(system);
  expect(guestEnvironment({ PATH: "" })["PATH"]).toBe(system);
});

test("another system gets what is true of the terminal, and nothing else", () => {
  const env = {
    PATH: "/home/me/bin",
    HOME: "/home/me",
    SHELL: "/bin/zsh",
    LANG: "de_DE.UTF-8",
    TERM: "xterm",
  };
  expect(guestEnvironment({ ...env, LC_ALL: "C", TOKEN: "x" }, "foreign")).toEqual({ TERM: "xterm" });
  expect(guestEnvironment({ ...env, TOKEN: "x" })).not.toHaveProperty("TOKEN");
});
