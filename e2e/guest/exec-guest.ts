import { Readable, Writable } from "node:stream";
import {
  findQemu,
  guestEnvironment,
  resolveAccelerator,
  runCommand,
  type CommandResult,
  type EmbeddedGuest,
  type RunCommand,
} from "@vm/guest-run";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { kernelFixture } from "../fixtures/kernel.mjs";

/** What a command left behind. */
export interface Ran {
  readonly result: CommandResult;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly console: string;
}

export interface GuestCommand extends Partial<
  Omit<RunCommand, "guest" | "command" | "streams" | "console" | "qemu">
> {
  readonly guest?: Partial<EmbeddedGuest>;
  readonly input?: Readable | Uint8Array | string;
  /** Gets the output as it comes. */
  readonly onOutput?: (chunk: Buffer) => void;
}

/** Runs a command in the embedded guest on the fixture's kernel. */
export async function execInGuest(command: string | Uint8Array, options: GuestCommand = {}): Promise<Ran> {
  const { build, release } = await kernelFixture();
  const { guest, input, onOutput, ...more } = options;
  const stdout = collector(onOutput);
  const stderr = collector();
  const kernelConsole = collector();
  const result = await runCommand({
    guest: {
      kind: "embedded",
      kernel: {
        image: join(build, "arch/x86/boot/bzImage"),
        arch: "x86_64",
        release,
        configFile: join(build, ".config"),
        tree: build,
      },
      ...guest,
    },
    ...hostQemu(),
    command,
    environment: guestEnvironment(process.env),
    cwd: tmpdir(),
    streams: {
      kind: "pipes",
      stdin: input === undefined ? "none" : toStream(input),
      stdout: stdout.stream,
      stderr: stderr.stream,
    },
    console: kernelConsole.stream,
    // A guest that does not answer must not take the test's whole time.
    timeoutMs: 300_000,
    ...more,
  });
  return {
    result,
    stdout: stdout.bytes(),
    stderr: stderr.bytes(),
    console: kernelConsole.bytes().toString(),
  };
}

/** QEMU and the accelerator that this machine has. */
export function hostQemu(): Pick<RunCommand, "acceleratorOptions" | "qemu"> {
  const qemu = findQemu({ arch: "x86_64" });
  const { options } = resolveAccelerator({
    requested: "auto",
    guestArch: "x86_64",
    options: [],
    qemu,
    cacheDir: tmpdir(),
    trial: "read",
  });
  return { qemu, acceleratorOptions: options };
}

function toStream(input: Readable | Uint8Array | string): Readable {
  return input instanceof Readable ? input : Readable.from([Buffer.from(input)], { objectMode: false });
}

function collector(onChunk?: (chunk: Buffer) => void): { readonly stream: Writable; bytes(): Buffer } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      onChunk?.(chunk);
      done();
    },
  });
  return { stream, bytes: () => Buffer.concat(chunks) };
}
