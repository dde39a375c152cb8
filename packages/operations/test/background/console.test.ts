import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import * as fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { openBoundedLog } from "../../src/background/bounded-log.js";
import { openConsoleRelay } from "../../src/background/console-relay.js";
import { loginWatch } from "../../src/background/login-prompt.js";
import { findSshForward } from "../../src/background/ssh-banner.js";
import { readGrowing } from "../../src/running/followed-file.js";

function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), "vm-background-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function client(path: string): Promise<{ readonly socket: Socket; text(): string }> {
  const socket = createConnection(path);
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
  await once(socket, "connect");
  return { socket, text: () => text };
}

test("several people see a console at once, a late one sees its last words, and all can type", async () => {
  const directory = scratch();
  const input = new PassThrough();
  const log = openBoundedLog(join(directory, "log"));
  const relay = await openConsoleRelay({ path: join(directory, "console"), log, input });
  relay.push(Buffer.from("before\n"));
  const [first, second] = [
    await client(join(directory, "console")),
    await client(join(directory, "console")),
  ];
  await expect.poll(() => second.text() + first.text()).toBe("before\nbefore\n");
  relay.push(Buffer.from("after\n"));
  first.socket.write("ls");
  await expect.poll(() => String(input.read() ?? "")).toBe("ls");
  second.socket.write("pwd");
  await expect.poll(() => String(input.read() ?? "")).toBe("pwd");
  first.socket.destroy();
  relay.push(Buffer.from("end\n"));
  const closed = once(second.socket, "close");
  await relay.close();
  await closed;
  expect(second.text()).toBe("before\nafter\nend\n");
  expect(readFileSync(join(directory, "log"), "latin1")).toBe("before\nafter\nend\n");
});

test("someone who does not read holds nobody up, and misses what would not fit", async () => {
  const directory = scratch();
  const log = openBoundedLog(join(directory, "log"));
  const path = join(directory, "console");
  const relay = await openConsoleRelay({ path, log, input: new PassThrough() });
  const slow = await client(path);
  relay.push(Buffer.from("connected"));
  await expect.poll(() => slow.text()).toBe("connected");
  slow.socket.pause();
  for (let i = 0; i < 400; i++) relay.push(Buffer.alloc(64 * 1024, "x"));
  const closed = once(slow.socket, "close");
  slow.socket.resume();
  await relay.close();
  await closed;
  expect(slow.text().length).toBeLessThan(8 * 1024 * 1024);
});

test("a log keeps the end of it, in two files of a bounded size, and that of the last run", () => {
  const file = join(scratch(), "log");
  const write = (...parts: readonly string[]): void => {
    const log = openBoundedLog(file, 10);
    for (const part of parts) log.write(Buffer.from(part));
    log.close();
  };
  write("first run");
  write("01234", "56789", "abcde", "fghij", "k");
  expect(readFileSync(`${file}.1`, "utf8") + readFileSync(file, "utf8")).toBe("abcdefghijk");
  expect(readFileSync(`${file}.old`, "utf8")).toBe("first run");
  write("third");
  expect([existsSync(`${file}.1`), readFileSync(`${file}.old`, "utf8")]).toEqual([false, "k"]);
});

test.each([
  ["Debian GNU/Linux 13 debian ttyS0\r\n\r\ndebian login: ", true],
  ["\u001b[0;1;39mdebian login:\u001b[0m ", true],
  ["debian login: root (automatic login)\r\n", true],
  ["buildroot login:", true],
  ["Welcome to Debian\r\nlast login: yesterday at ten\r\n", false],
  ["Starting user-login.service - login: the service...\r\n", false],
  ["grub> ", false],
  ["login: ", false],
])("%j on a console is a login prompt: %s, however it is cut", (text, isPrompt) => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: text.length - 1 })), (cuts) => {
      const watch = loginWatch();
      const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
      const answers = at
        .slice(1)
        .map((end, index) => watch(Buffer.from(text.slice(at[index], end), "latin1")));
      expect(answers.at(-1)).toBe(isPrompt);
    }),
  );
});

test.each([
  [
    ["-nic", "user,model=virtio-net-pci,hostfwd=tcp:127.0.0.1:2222-:22"],
    { address: "127.0.0.1", port: 2222 },
  ],
  [
    ["-netdev", "user,id=n,hostfwd=tcp::8080-:80,hostfwd=tcp::2200-10.0.2.15:22"],
    { address: "127.0.0.1", port: 2200 },
  ],
  [["-nic", "user,hostfwd=tcp::2222-:220"], undefined],
  [["-nic", "user,hostfwd=udp::2222-:22"], undefined],
])("the ssh server behind %j is found", (argv, forward) => {
  expect(findSshForward(argv)).toEqual(forward);
});

test("a file that grows is read to the end of the guest, over its replacement", async () => {
  const file = join(scratch(), "log");
  const log = openBoundedLog(file, 8);
  let isAlive = true;
  let text = "";
  const reading = (async () => {
    for await (const chunk of readGrowing(file, { follow: "yes", isAlive: () => isAlive }))
      text += chunk.toString();
  })();
  for (const part of ["one ", "two ", "three ", "four "]) {
    log.write(Buffer.from(part));
    await expect.poll(() => text, { timeout: 60_000 }).toContain(part);
  }
  isAlive = false;
  log.write(Buffer.from("end"));
  await reading;
  expect(text).toBe("one two three four end");
});

test("of a file that is not followed comes what is in it now", async () => {
  const file = join(scratch(), "log");
  writeFileSync(file, "all of it");
  const chunks: Buffer[] = [];
  for await (const chunk of readGrowing(file, { follow: "no", isAlive: () => true })) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe("all of it");
});
