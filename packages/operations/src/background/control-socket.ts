import { createServer } from "node:net";
import { lineSplitter } from "@vm/command-plan";

/** Asks for an orderly end of the guest. */
export const powerOffRequest = "power-off";

/** Listens for who asks the process that watches over the guest for something: a line each. Closes with the process. */
export async function openControlSocket(path: string, onPowerOff: () => void): Promise<() => void> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    const lines = lineSplitter((line) => {
      const isKnown = line.trim() === powerOffRequest;
      if (isKnown) onPowerOff();
      socket.end(isKnown ? "ok\n" : "unknown\n");
    });
    socket.on("data", (chunk: Buffer) => lines.push(chunk));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("listening", resolve).once("error", reject).listen(path);
  });
  return () => void server.close();
}
