import { expect, test } from "vitest";
import { lockReach } from "@vm/host-files";

/** Mounts of a machine of a cluster. */
const mounts = `21 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 21 0:40 / /home rw,relatime - nfs4 server:/home rw,vers=4.2,local_lock=none,addr=10.0.0.1
31 21 0:41 / /scratch rw,relatime - nfs server:/scratch rw,vers=3,nolock,local_lock=all
32 21 0:42 / /mnt/with\\040space rw,relatime - fuse.sshfs me@host: rw,user_id=0
33 21 0:43 / /lustre rw - lustre 10.0.0.2@tcp:/l rw,flock
34 21 0:44 / /lustre/local rw - lustre 10.0.0.2@tcp:/l rw,localflock
35 21 0:45 / /odd rw - fuse.unheardof x rw
36 30 0:46 / /home/me/tmp rw - tmpfs tmpfs rw
`;

function reached(directory: string): unknown[] {
  return Object.values(lockReach(directory, mounts) ?? {});
}

test("how far a lock reaches is told by the mount that has the directory", () => {
  expect(reached("/no/such/place")).toEqual(["ext4", "every machine"]);
  expect(reached("/home/me/vms")).toEqual(["nfs4", "every machine"]);
  expect(reached("/home/me/tmp/x")).toEqual(["tmpfs", "every machine"]);
  expect(reached("/homes")).toEqual(["ext4", "every machine"]);
  expect(reached("/scratch/me")).toEqual(["nfs", "this machine"]);
  expect(reached("/mnt/with space/x")).toEqual(["fuse.sshfs", "this machine"]);
  expect(reached("/lustre/me")).toEqual(["lustre", "every machine"]);
  expect(reached("/lustre/local/me")).toEqual(["lustre", "this machine"]);
  expect(reached("/odd")).toEqual(["fuse.unheardof", "unknown"]);
  expect(lockReach("/x", "")).toBeUndefined();
});

test("this machine's own directory of temporary files is on a mount that is known", () => {
  expect(lockReach("/tmp")?.type).toMatch(/./);
});
