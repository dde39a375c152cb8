import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bin, configuration, makeBuildTree, sandbox } from "./vm.js";

/** `vm` with these words in a terminal, on a QEMU that only waits; then a signal to it, and the terminal's modes and all that it showed. */
async function killedIn(
  words: string,
  signal: NodeJS.Signals,
): Promise<{
  readonly before: string;
  readonly raw: string;
  readonly after: string;
  readonly shown: string;
}> {
  const box = sandbox();
  makeBuildTree(join(box.cwd, "linux"), {
    config: configuration,
  });
  const programs = join(box.root, "bin");
  mkdirSync(programs);
  const qemu = join(programs, "qemu-system-x86_64");
  // QEMU's parent is vm: what starts QEMU becomes it.
  const pidFile = join(box.root, "pid");
  writeFileSync(
    qemu,
    `#!/bin/sh
[ "$1" = --version ] && exec echo "QEMU emulator version 10.0.0"
echo $PPID >'${pidFile}.new'
mv '${pidFile}.new' '${pidFile}'
exec sleep 1000
`,
  );
  chmodSync(qemu, 0o755);
  const script = `cd '${box.cwd}'; stty -a >'${box.root}/before'; '${process.execPath}' '${bin}' ${words}; read -r line; stty -a >'${box.root}/after'; exit 0`;
  writeFileSync(join(box.root, "script"), script);
  const terminal = spawn("script", ["-qfec", "exec /bin/sh ./script", "/dev/null"], {
    cwd: box.root,
    env: {
      PATH: `${programs}:${process.env["PATH"]}`,
      HOME: box.root,
      VM_ACCEL: "tcg",
      TERM: "xterm",
      SHELL: "/bin/sh",
    },
  });
  onTestFinished(() => void terminal.kill("SIGKILL"));
  let shown = "";
  terminal.stdout.on("data", (chunk) => (shown += String(chunk)));
  await eventually(
    () => existsSync(pidFile),
    () => shown,
  );
  const pid = Number(readFileSync(pidFile, "utf8"));
  const raw = words.startsWith("run") ? await modesOf(pid) : "";
  if (!words.startsWith("run"))
    await eventually(
      () => shown.includes("[?25l"),
      () => shown,
    );
  process.kill(pid, signal);
  // Typed before the terminal is as it was, a newline would be a carriage return.
  await new Promise((resolve) => setTimeout(resolve, 1000));
  terminal.stdin.write("\n");
  await once(terminal, "close");
  const read = (name: string): string => readFileSync(join(box.root, name), "utf8");
  return { before: read("before"), raw, after: read("after"), shown };
}

async function modesOf(pid: number): Promise<string> {
  const stty = spawn("sh", ["-c", `stty -a </proc/${pid}/fd/0`], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  stty.stdout.on("data", (chunk) => (text += String(chunk)));
  await once(stty, "close");
  return text;
}

async function eventually(holds: () => boolean, words: () => string): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(words());
}

test.each(["SIGKILL", "SIGTERM"] as const)(
  "a shell's terminal is as it was when vm is killed (%s)",
  async (signal) => {
    const { before, raw, after } = await killedIn("run -k linux", signal);
    expect(raw).toContain("-isig");
    expect(after).toBe(before);
  },
);

test.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)(
  "the cursor is there when vm test was killed (%s)",
  async (signal) => {
    const { shown, before, after } = await killedIn("test -k linux --exec true", signal);
    expect(shown).toContain("\u001b[?25l");
    expect(shown.lastIndexOf("\u001b[?25h")).toBeGreaterThan(shown.lastIndexOf("\u001b[?25l"));
    expect(after).toBe(before);
  },
);
