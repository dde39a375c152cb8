import { running, answered, onDisk, limited, success, lost, type Case } from "./case.js";
import {
  began,
  complained,
  complete,
  exited,
  fired,
  killed,
  note,
  readerGone,
  started,
  stop,
  output,
} from "../played-session.js";

/** The answer is whole. */
export const answers: readonly Case[] = [
  // The answer is whole.
  { name: "a status after all output", events: answered, outcome: success },
  { name: "a status before the output", events: [...running, exited(0), ...output], outcome: success },
  {
    name: "a status between",
    events: [...running, complete("stderr"), exited(3), complete("stdout")],
    outcome: { kind: "exited", status: 3 },
  },
  {
    name: "the first status counts",
    events: [...running, exited(7), exited(0), ...output],
    outcome: { kind: "exited", status: 7 },
  },
  {
    name: "a terminal has one output",
    rules: { outputs: ["terminal"] },
    events: [...running, exited(0), complete("terminal")],
    outcome: success,
  },
  {
    name: "a signal that the shell names",
    events: [...running, note("Killed"), exited(137), ...output],
    outcome: { kind: "signalled", signal: 9, name: "SIGKILL" },
  },
  {
    name: "a signal that has no name",
    events: [...running, note("Real-time signal 3"), exited(165), ...output],
    outcome: { kind: "signalled", signal: 37, name: "SIG37" },
  },
  {
    name: "a status above 128 that is no signal",
    events: [...running, exited(137), ...output],
    outcome: { kind: "exited", status: 137 },
  },
  {
    name: "what was said before the command says nothing of it",
    events: [started, note("Killed"), began, exited(137), ...output],
    outcome: { kind: "exited", status: 137 },
  },
  {
    name: "an output whose reader has gone is missed by nobody",
    events: [...running, readerGone("stdout"), complete("stderr"), exited(141)],
    outcome: { kind: "signalled", signal: 13, name: "SIGPIPE" },
  },
  {
    name: "killed by us after the answer, for nothing can be lost",
    events: answered,
    end: killed,
    outcome: success,
  },
  { name: "a guest with a disk powers itself off", rules: onDisk, events: answered, outcome: success },
  {
    name: "a complaint that nobody asked for",
    events: [...running, complained("warn"), ...output, exited(0)],
    outcome: success,
  },
  {
    name: "a hang from which it recovered",
    events: [...running, complained("rcustall"), ...output, exited(0)],
    outcome: success,
  },
  {
    name: "an answer that came while the time ran out",
    rules: limited,
    events: [...running, exited(0), fired("timeout"), ...output],
    outcome: success,
  },

  // The answer is there, and something else as well.
  {
    name: "a panic before the answer",
    events: [...running, complained("panic"), ...output, exited(0)],
    outcome: { kind: "panicked", reason: "the panic" },
  },
  {
    name: "a panic after the answer",
    events: [...answered, complained("panic")],
    outcome: { kind: "panicked", reason: "the panic" },
  },
  {
    name: "a panic between status and output",
    events: [...running, exited(0), complained("panic"), ...output],
    outcome: { kind: "panicked", reason: "the panic" },
  },
  {
    name: "an oops before the answer",
    events: [...running, complained("oops"), ...output, exited(0)],
    outcome: { kind: "oopsed", reason: "the oops", complaint: "oops", status: 0 },
  },
  {
    name: "an oops after the status",
    events: [...answered, complained("oops")],
    outcome: { kind: "oopsed", reason: "the oops", complaint: "oops", status: 0 },
  },
  {
    name: "a complaint that --fail-on names",
    rules: { failOn: new Set(["warn"]) },
    events: [...running, complained("warn"), ...output, exited(4)],
    outcome: { kind: "oopsed", reason: "the warn", complaint: "warn", status: 4 },
  },
  {
    name: "a hang after the answer",
    rules: onDisk,
    events: [...answered, complained("softlockup")],
    outcome: { kind: "hung", reason: "the softlockup" },
  },
  {
    name: "no end of the shutdown",
    rules: onDisk,
    events: [...answered, fired("power-off")],
    end: killed,
    outcome: { kind: "hung", reason: "The guest did not power off within 120 s of its answer." },
  },
  {
    name: "QEMU killed in the shutdown",
    rules: onDisk,
    events: answered,
    end: killed,
    outcome: lost("qemu", "QEMU was killed by SIGKILL."),
  },
  {
    name: "stopped after the answer",
    events: [...answered, stop(15)],
    end: killed,
    outcome: { kind: "stopped", signal: 15 },
  },
];
