import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { PassThrough, Readable } from "node:stream";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { runCommand } from "@vm/guest-run";
import { execInGuest, hostQemu } from "../guest/exec-guest.js";
import { kernelFixture } from "../fixtures/kernel.mjs";
import { join } from "node:path";

const MIB = 1024 * 1024;

/** Reproducible noise, with every byte in it, of which nothing compresses or repeats. */
function noise(mebibytes: number): Readable {
  return Readable.from(
    (function* () {
      let block = createHash("sha512").update("vm").digest();
      for (let made = 0; made < mebibytes; made += 1) {
        const chunk = Buffer.alloc(MIB);
        for (let at = 0; at < MIB; at += 64 * 256) {
          block = createHash("sha512").update(block).digest();
          for (let part = 0; part < 256; part += 1) block.copy(chunk, at + part * 64);
        }
        yield chunk;
      }
    })(),
    { objectMode: false },
  );
}

test("100 MiB pass through a command both ways, byte for byte", async () => {
  const sent = createHash("sha256");
  for await (const chunk of noise(100)) sent.update(chunk);
  const received = createHash("sha256");
  const { result, stderr } = await execInGuest("tee /dev/stderr | cat; echo", {
    input: noise(100),
    timeoutMs: 1_500_000,
    onOutput: (chunk) => received.update(chunk),
  });
  expect(result.outcome).toEqual({ kind: "exited", status: 0 });
  const newline = Buffer.from("\n");
  const expected = createHash("sha256");
  for await (const chunk of noise(100)) expected.update(chunk);
  expected.update(newline);
  expect(received.digest("hex")).toBe(expected.digest("hex"));
  expect(createHash("sha256").update(stderr).digest("hex")).toBe(sent.digest("hex"));
}, 1_800_000);

test("output and errors stay apart, binary, and can be opened again; input that is not read is no matter", async () => {
  const { result, stdout, stderr } = await execInGuest(
    String.raw`printf '\000\001\377\r\n' ; printf 'a\000b' >&2; echo again >/dev/stdout; echo again >/dev/stderr; head -c 3 >/dev/null; [ -p /dev/stdin ] && cat /dev/stdin | head -c 2`,
    { input: Buffer.alloc(5 * MIB, "xyz") },
  );
  expect(result.outcome).toEqual({ kind: "exited", status: 0 });
  expect(stdout).toEqual(Buffer.from("\u0000\u0001\u00ff\r\nagain\nxy", "latin1"));
  expect(stderr).toEqual(Buffer.from("a\u0000bagain\n"));
});

test("a command sees its input as it comes, and the reader its output", async () => {
  const input = new PassThrough();
  const seen: string[] = [];
  const { result } = await execInGuest('while read -r line; do echo "<$line>"; done; echo end', {
    input,
    onStart: () => input.write("one\n"),
    onOutput: (chunk) => {
      seen.push(chunk.toString());
      if (seen.join("") === "<one>\n") input.write("two\n");
      if (seen.join("") === "<one>\n<two>\n") input.end();
    },
  });
  expect(result.outcome).toEqual({ kind: "exited", status: 0 });
  expect(seen.join("")).toBe("<one>\n<two>\nend\n");
});

test("a command whose reader has gone gets SIGPIPE", async () => {
  const stdout = new PassThrough();
  stdout.once("data", () => stdout.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })));
  const errors: Buffer[] = [];
  const stderr = new PassThrough().on("data", (chunk: Buffer) => errors.push(chunk));
  const { build } = await kernelFixture();
  const result = await runCommand({
    guest: {
      kind: "embedded",
      kernel: {
        image: join(build, "arch/x86/boot/bzImage"),
        arch: "x86_64",
        configFile: join(build, ".config"),
      },
    },
    ...hostQemu(),
    command: "(trap '' PIPE; yes; echo \"ended with $?\" >&2)",
    environment: {},
    cwd: "/",
    streams: { kind: "pipes", stdin: "none", stdout, stderr },
    timeoutMs: 300_000,
  });
  expect(result.outcome).toMatchObject({ kind: "exited" });
  expect(Buffer.concat(errors).toString()).toContain("ended with");
});

test("a command of any characters means to the guest's shell what it means to ours", async () => {
  const character = fc.oneof(
    fc.constantFrom(
      "'",
      '"',
      "\\",
      "$",
      "`",
      "\n",
      "\t",
      " ",
      "!",
      "#",
      "*",
      "?",
      "[",
      "]",
      "~",
      "%",
      "&",
      ";",
      "|",
      "<",
      ">",
      "(",
      ")",
      "{",
      "}",
      "=",
      "^",
      "-",
      "\r",
      "\u007f",
    ),
    fc.string({ unit: "binary", minLength: 1, maxLength: 2 }),
  );
  const words = fc.sample(
    fc.array(character, { maxLength: 20 }).map((parts) => parts.join("").replaceAll("\0", "")),
    { numRuns: 400, seed: 7 },
  );
  // As words in quotes, in here-documents, and in comments.
  const lines = words.map((word, index) => {
    if (index % 3 === 0) return `printf '<%s>\\n' '${word.replaceAll("'", String.raw`'\''`)}'`;
    if (index % 3 === 1) return `cat <<'END-OF-WORD'\n${word}\nEND-OF-WORD`;
    return `: # ${word.replaceAll("\n", " ")}`;
  });
  const command = `${lines.join("\n")}\nprintf '%s' "$*" "$0"; exit 23`;
  const local = spawnSync("sh", ["-c", command], { env: { PATH: process.env["PATH"] } });
  const { result, stdout } = await execInGuest(command, { environment: { PATH: process.env["PATH"] ?? "" } });
  expect(result.outcome).toEqual({ kind: "exited", status: 23 });
  expect(local.status).toBe(23);
  expect(stdout.toString()).toBe(local.stdout.toString());
});

test("a command with bytes that are no text, and one of 200 KB, arrive whole", async () => {
  const bytes = Buffer.concat([
    Buffer.from("printf %s '"),
    Buffer.from([0x80, 0xff, 0xfe, 0x81, 0xc3, 0x28, 0x01, 0x7f]),
    Buffer.from("'"),
  ]);
  expect((await execInGuest(bytes)).stdout).toEqual(bytes.subarray(11, -1));
  const words = Array.from({ length: 40_000 }, (_, index) => `w${index}`);
  const { result, stdout } = await execInGuest(`set -- ${words.join(" ")}\necho "$# \${40000} $0"; exit 5`);
  expect(words.join(" ").length).toBeGreaterThan(200_000);
  expect(result.outcome).toEqual({ kind: "exited", status: 5 });
  expect(stdout.toString()).toBe("40000 w39999 sh\n");
});

test("a command with a NUL is refused before anything is started", async () => {
  await expect(execInGuest("echo \0")).rejects.toMatchObject({ code: "COMMAND_INVALID" });
});
