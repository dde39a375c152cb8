import { running, qemuSaid, notStarted, lost, noAnswer, type Case } from "./case.js";
import {
  complained,
  fired,
  killed,
  noInit,
  setupFailed,
  started,
  stop,
  stranded,
} from "../played-session.js";

/** The command never began. */
export const failedStarts: readonly Case[] = [
  // The command never began.
  {
    name: "the guest could not be set up",
    events: [started, setupFailed("no tmpfs")],
    end: killed,
    outcome: notStarted("guest", "no tmpfs"),
  },
  {
    name: "the guest could not be set up by this kernel",
    events: [started, setupFailed("CONFIG_TMPFS is missing")],
    end: killed,
    outcome: notStarted("configuration", "CONFIG_TMPFS is missing"),
  },
  {
    name: "no root, and the option is known",
    events: [noInit("CONFIG_9P_FS")],
    outcome: notStarted("configuration", "VFS: no root (CONFIG_9P_FS is missing)"),
  },
  {
    name: "no root, and no modules",
    rules: { lacksModules: true },
    events: [noInit("CONFIG_9P_FS"), complained("panic")],
    outcome: notStarted(
      "configuration",
      "VFS: no root (no modules came with this kernel, and it has no driver built in for its root)",
    ),
  },
  {
    name: "no root, and nobody knows why",
    events: [noInit(null), noInit("CONFIG_9P_FS")],
    outcome: notStarted("guest", "VFS: no root"),
  },
  {
    name: "no root is of no matter once init was there",
    events: [...running, noInit("CONFIG_9P_FS")],
    outcome: lost("guest", noAnswer),
  },
  {
    name: "the boot ends in emergency mode",
    events: [stranded, fired("stranded")],
    end: killed,
    outcome: lost("guest", "The guest ended in emergency mode."),
  },
  {
    name: "the boot of the guest's systemd ends in emergency mode, when the setup was done",
    events: [started, stranded, fired("stranded")],
    end: killed,
    outcome: lost("guest", "The guest ended in emergency mode."),
  },
  {
    name: "a panic says more than the emergency mode before it",
    events: [stranded, complained("panic"), fired("stranded")],
    end: killed,
    outcome: { kind: "panicked", reason: "the panic" },
  },
  {
    name: "a panic before init",
    events: [complained("panic")],
    outcome: { kind: "panicked", reason: "the panic" },
  },
  {
    name: "QEMU is not there",
    events: [],
    end: { code: null, signal: null, stderr: "", error: new Error("ENOENT") },
    outcome: notStarted("qemu", "QEMU could not be started: ENOENT"),
  },
  {
    name: "QEMU refuses",
    events: [],
    end: qemuSaid("a warning\nqemu: no such machine"),
    outcome: notStarted("qemu", "qemu: no such machine"),
  },
  {
    name: "QEMU refuses with no word",
    events: [],
    end: qemuSaid("", 2),
    outcome: notStarted("qemu", "QEMU ended with status 2"),
  },
  {
    name: "no kernel",
    events: [],
    end: qemuSaid("qemu: could not load kernel 'x'"),
    outcome: notStarted("image", "qemu: could not load kernel 'x'"),
  },
  {
    name: "a virtiofsd that does not start",
    events: [],
    end: qemuSaid("no such option\nvm-virtiofs: virtiofsd of / could not be started (1)"),
    outcome: notStarted("qemu", "virtiofsd of / could not be started (1): no such option"),
  },
  {
    name: "QEMU killed before init",
    events: [],
    end: killed,
    outcome: lost("qemu", "QEMU was killed by SIGKILL."),
  },
  {
    name: "the guest ends before init",
    events: [],
    outcome: lost("guest", "The guest ended before it reached its init."),
  },
  { name: "stopped before init", events: [stop(15)], end: killed, outcome: { kind: "stopped", signal: 15 } },
];
