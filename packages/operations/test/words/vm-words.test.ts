import { expect, test } from "vitest";
import { describeBytes, describeMachine, describeVms, type ListedVm } from "../../src/index.js";

const disk = {
  name: "root.qcow2",
  path: "/vms/a b/root.qcow2",
  format: "qcow2",
  sizeBytes: 16 * 1024 ** 3,
  usedBytes: 1_234_567_890,
  backingFile: null,
};
const stopped: ListedVm = {
  name: "a b",
  kind: "vm",
  root: null,
  directory: "/vms/a b",
  state: "stopped",
  since: null,
  pid: null,
  user: null,
  command: null,
  ephemeral: false,
  kernel: null,
  arch: null,
  cpus: 2,
  memoryMiB: 2048,
  sshPort: null,
  config: "literals",
  diskUsedBytes: disk.usedBytes,
  diskSizeBytes: disk.sizeBytes,
  disks: [disk],
};
const running: ListedVm = {
  ...stopped,
  name: "ünï",
  state: "running",
  since: "2026-11-29T00:15:00.123Z",
  pid: 7,
  user: "me",
  command: ["vm", "run", "ünï"],
  kernel: "7.2.0",
  sshPort: 2222,
};
const unknown: ListedVm = {
  ...stopped,
  name: "p",
  config: "program",
  memoryMiB: null,
  diskSizeBytes: null,
  disks: [],
};

const embedded: ListedVm = {
  ...running,
  name: "guest-1",
  kind: "embedded",
  directory: null,
  root: "/",
  command: ["vm", "run", "-k", "."],
  cpus: null,
  memoryMiB: null,
  sshPort: null,
  config: null,
  diskUsedBytes: null,
  diskSizeBytes: null,
  disks: [],
};

test("a person gets a table, a program a line with tabs for each VM, its name first", () => {
  expect(describeVms([stopped, unknown, running], "person")).toBe(
    [
      "NAME  STATE                                          KERNEL  DISK         MEMORY  SSH",
      "a b   stopped                                        -       1.1G of 16G  2G      -",
      "p     stopped                                        ?       ?            ?       ?",
      "ünï   running since 2026-11-29T00:15:00Z by me (pid 7)  7.2.0   1.1G of 16G  2G      2222",
      "",
    ]
      .join("\n")
      .replaceAll("STATE   ", "STATE      ")
      .replaceAll("stopped   ", "stopped      "),
  );
  expect(describeVms([stopped, running], "program")).toBe(
    "a b\tstopped\t-\t1.1G of 16G\t2G\t-\n" +
      "ünï\trunning since 2026-11-29T00:15:00Z by me (pid 7)\t7.2.0\t1.1G of 16G\t2G\t2222\n",
  );
  expect(describeVms([embedded], "program")).toBe(
    "guest-1\trunning, embedded, since 2026-11-29T00:15:00Z by me (pid 7)\t7.2.0\t-\t-\t-\n",
  );
  expect(describeVms([], "person")).toBe("");
});

test("one VM is told in lines, without those that say nothing", () => {
  expect(describeMachine(running)).toBe(`name:       ünï
directory:  /vms/a b
state:      running since 2026-11-29T00:15:00Z by me (pid 7)
command:    vm run ünï
kernel:     7.2.0
cpus:       2
memory:     2G
ssh:        127.0.0.1:2222
disk:       root.qcow2: qcow2, 1.1G of 16G
`);
  expect(describeMachine(embedded)).toBe(`name:       guest-1
root:       /
state:      running, embedded, since 2026-11-29T00:15:00Z by me (pid 7)
command:    vm run -k .
kernel:     7.2.0
`);
  const missing = { ...disk, format: null, sizeBytes: null, usedBytes: null };
  expect(describeMachine({ ...stopped, disks: [missing] })).toContain("disk:       root.qcow2: missing");
  expect(describeVms([{ ...stopped, disks: [missing] }], "program")).toContain("\tmissing\t");
});

test.each([
  [0, "0"],
  [1023, "1023"],
  [1024, "1K"],
  [1536, "1.5K"],
  [1_234_567_890, "1.1G"],
  [15.96 * 1024 ** 3, "16G"],
  [2 ** 53, "8P"],
])("%d bytes are %s", (bytes, text) => {
  expect(describeBytes(bytes)).toBe(text);
});
