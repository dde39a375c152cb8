import { codedError } from "@vm/command-plan";
import { openSocket, qmpSession, type Qmp } from "@vm/guest-run";

/** QEMU speaks with one at a time, and lets the others wait for ever. */
const ANSWER_MS = 10_000;

/**
 * Speaks with the QEMU of a guest, and hangs up.
 * @param socket its path @param name the guest's
 * @throws `QMP_UNREACHABLE`, and what `action` throws
 */
export async function withQmp<Result>(
  socket: string,
  name: string,
  action: (qmp: Qmp) => Promise<Result>,
): Promise<Result> {
  const connection = await openSocket(socket);
  try {
    const qmp = qmpSession(connection);
    await answer(qmp, name);
    return await action(qmp);
  } finally {
    connection.destroy();
  }
}

async function answer(qmp: Qmp, name: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        codedError("QMP_UNREACHABLE", `the QEMU of ${name} does not answer`, {
          hint: "It speaks with one program at a time: is another `vm dump` or `vm qmp` at work?",
        }),
      );
    }, ANSWER_MS);
  });
  try {
    await Promise.race([qmp.execute("query-status"), late]);
  } finally {
    clearTimeout(timer);
  }
}
