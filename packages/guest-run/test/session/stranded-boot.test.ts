import { expect, test } from "vitest";
import { consoleWatch } from "../../src/session/console-watch.js";

/** What becomes of a boot, by what a console says. */
function strandings(transcript: string): string[] {
  const watch = consoleWatch({ root: "disk" });
  return transcript
    .split("\n")
    .flatMap((line) => watch.line(line))
    .flatMap((finding) => (finding.kind === "stranded" ? [finding.reason] : []));
}

test("systemd's emergency mode is told with the unit that led to it, whatever failed after", () => {
  const boot = [
    "[\u001b[0;32m  OK  \u001b[0m] Mounted \u001b[0;1;39mdev-mqueue.mount\u001b[0m - POSIX Message Queue File System.\r",
    "[\u001b[0;31m*     \u001b[0m] Job dev-nosuch.device/start running (1s / 3s)\r\u001b[K[\u001b[0m\u001b[0;31m*\u001b[0m     ] Job dev-nosuch.device/start running (2s / 3s)",
    "\u001b[K[\u001b[0;1;31m TIME \u001b[0m] Timed out waiting for device \u001b[0;1;39m/dev/nosuch\u001b[0m.\r",
    "[\u001b[0;1;38:5:185mDEPEND\u001b[0m] Dependency failed for \u001b[0;1;39m/data\u001b[0m.\r",
    "[\u001b[0;1;38:5:185mDEPEND\u001b[0m] Dependency failed for \u001b[0;1;39mLocal File Systems\u001b[0m.\r",
    "[\u001b[0;1;31mFAILED\u001b[0m] Failed to start something else.\r",
    'You are in emergency mode. After logging in, type "journalctl -xb" to view\r',
    'system logs, "systemctl reboot" to reboot, "systemctl default" or "exit"\r',
  ];
  expect(strandings(boot.join("\n"))).toEqual([
    "The guest ended in emergency mode: Timed out waiting for device /dev/nosuch.",
  ]);
});

test("a line whose middle systemd left out has no half of an escape sequence", () => {
  const cut =
    "[\u001b[0;1;31m TIME \u001b[0m] Timed out waiting for device \u001b[0;1;…v-x.device - /dev/x\u001b[0m.\r";
  expect(strandings(`${cut}\nYou are in emergency mode. After`)).toEqual([
    "The guest ended in emergency mode: Timed out waiting for device …v-x.device - /dev/x.",
  ]);
});

test.each([
  ["You are in rescue mode. After logging in, type", "rescue mode."],
  ["Entering emergency mode. Exit the shell to continue.", "emergency mode."],
  [
    "[FAILED] Failed to mount /sysroot.\nEntering emergency mode. Exit",
    "emergency mode: Failed to mount /sysroot.",
  ],
  ["You are now being dropped into an emergency shell.", "an emergency shell."],
  [
    "ALERT!  UUID=1-2 does not exist.  Dropping to a shell!",
    "a shell of its initramfs: ALERT!  UUID=1-2 does not exist.  Dropping to a shell!",
  ],
  ["initramfs emergency recovery shell launched. Type 'exit' to continue boot", "a shell of its initramfs."],
])("%j", (text, end) => {
  expect(strandings(text)).toEqual([`The guest ended in ${end}`]);
});

test.each([
  "echo You are in emergency mode",
  "[  OK  ] Stopped target Emergency Mode.",
  "[FAILED] Failed to start You are in emergency mode",
  "[    1.234567] Kernel command line: You",
  "Press Enter for maintenance",
])("a boot goes on behind %j", (text) => {
  expect(strandings(text)).toEqual([]);
});
