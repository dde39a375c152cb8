import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseArgv, rebasePaths, renderArgv } from "../src/index.js";
import { thrownBy } from "./error-code.js";
import { withQemu } from "./qmp.js";

/** The words of a line; one in single quotes may hold spaces. */
function words(line: string): string[] {
  return (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll(/^'|'$/g, ""));
}

function rebase(line: string, directory = "/a,b"): string {
  return renderArgv(rebasePaths(parseArgv(words(line)), directory)).join(" ");
}

describe("a relative path becomes absolute, and the commas it brings are doubled where QEMU wants that", () => {
  test.each([
    ["-boot d arch.iso -no-reboot", "-boot d /a,b/arch.iso -no-reboot"],
    ["-cdrom ./a,b.iso", "-cdrom /a,b/./a,b.iso"],
    ["-drive file=a,,b.img,if=none", "-drive file=/a,,b/a,,b.img,if=none"],
    ["-drive file=file:a.img", "-drive file=file:/a,,b/a.img"],
    ["-drive file=fat:rw:dir", "-drive file=fat:rw:/a,,b/dir"],
    ["-drive file.filename=a", "-drive file.filename=/a,,b/a"],
    ["-drive driver=nbd,path=s", "-drive driver=nbd,path=/a,,b/s"],
    ["-hda nbd:unix:s:exportname=a/b", "-hda nbd:unix:/a,b/s:exportname=a/b"],
    ["-hda nbd+unix:///x?socket=s", "-hda nbd+unix:///x?socket=/a,b/s"],
    ["-hda blkdebug:cfg:a.img", "-hda blkdebug:/a,b/cfg:/a,b/a.img"],
    ["-hda './a:b.img'", "-hda /a,b/./a:b.img"],
    ["-set drive.x.file=a.img", "-set drive.x.file=/a,b/a.img"],
    ["-virtfs local,path=src,mount_tag=src", "-virtfs local,path=/a,,b/src,mount_tag=src"],
    [
      '-blockdev \'{ "driver": "qcow2", "file": {"driver":"file","filename":"x.img"} }\'',
      '-blockdev {"driver":"qcow2","file":{"driver":"file","filename":"/a,b/x.img"}}',
    ],
    [
      '-drive \'file=json:{"driver":"raw",,"file":{"driver":"file",,"filename":"x"}}\'',
      '-drive file=json:{"driver":"raw",,"file":{"driver":"file",,"filename":"/a,,b/x"}}',
    ],
    ["-serial file:log,x", "-serial file:/a,b/log,x"],
    ["-serial unix:s", "-serial unix:/a,,b/s"],
    ["-serial mon:unix:s,,t,server,nowait", "-serial mon:unix:/a,,b/s,,t,server,nowait"],
    ["-gdb unix:s,server=on,logfile=l", "-gdb unix:/a,,b/s,server=on,logfile=/a,,b/l"],
    ["-qmp tcp:127.0.0.1:1,server=on,logfile=l", "-qmp tcp:127.0.0.1:1,server=on,logfile=/a,,b/l"],
    ["-vnc unix:s,share=ignore", "-vnc unix:/a,,b/s,share=ignore"],
    ["-display vnc=unix:s", "-display vnc=unix:/a,,b/s"],
    ["-spice unix,addr=s", "-spice unix,addr=/a,,b/s"],
    ["-incoming unix:s", "-incoming unix:/a,b/s"],
    ["-incoming file:s,offset=1", "-incoming file:/a,b/s,offset=1"],
    ["-netdev user,guestfwd=tcp:10.0.2.9:80-unix:s", "-netdev user,guestfwd=tcp:10.0.2.9:80-unix:/a,,,,b/s"],
    ["-netdev stream,addr.type=unix,addr.path=s", "-netdev stream,addr.type=unix,addr.path=/a,,b/s"],
    ["-global e1000.romfile=./x", "-global e1000.romfile=/a,b/./x"],
    ["-dtb virt.dtb -shim s", "-dtb /a,b/virt.dtb -shim /a,b/s"],
    ["-kernel c:d", "-kernel /a,b/c:d"],
    ["-M pc,kernel=k,firmware=f", "-M pc,kernel=/a,,b/k,firmware=/a,,b/f"],
    ["--acpitable x:y", "--acpitable /a,,b/x:/a,,b/y"],
    ["-display dbus,addr=unix:path=s", "-display dbus,addr=unix:path=/a,,b/s"],
    ["-object dbus-display,id=d,addr=unix:path=s", "-object dbus-display,id=d,addr=unix:path=/a,,b/s"],
    ["-object dbus-vmstate,id=v,addr=unix:path=s", "-object dbus-vmstate,id=v,addr=unix:path=/a,,b/s"],
    [
      "-display dbus,addr=unix:path=/s;tcp:host=h,p2p=on",
      "-display dbus,addr=unix:path=/s;tcp:host=h,p2p=on",
    ],
    ["-device vfio-pci,sysfsdev=s", "-device vfio-pci,sysfsdev=/a,,b/s"],
    ["-device usb-host,hostdevice=1/2", "-device usb-host,hostdevice=/a,,b/1/2"],
    [
      "-device virtio-gpu-rutabaga,wayland-socket-path=w",
      "-device virtio-gpu-rutabaga,wayland-socket-path=/a,,b/w",
    ],
    ["-netdev af-xdp,id=n,ifname=e,map-path=m", "-netdev af-xdp,id=n,ifname=e,map-path=/a,,b/m"],
    ["-object sev-guest,id=s,sev-device=d", "-object sev-guest,id=s,sev-device=/a,,b/d"],
    ["-device cxl-type3,cdat=c", "-device cxl-type3,cdat=/a,,b/c"],
    [
      "-device uefi-vars-x64,jsonfile=j,pcapfile=p",
      "-device uefi-vars-x64,jsonfile=/a,,b/j,pcapfile=/a,,b/p",
    ],
    ["-audiodev oss,id=a,out.dev=d", "-audiodev oss,id=a,out.dev=/a,,b/d"],
    ["-k ./de", "-k /a,b/./de"],
  ])("%s", (line, expected) => {
    expect(rebase(line)).toBe(expected);
  });
});

test.each([
  '-blockdev {"driver":"raw","node-name":"fmt","file":"prot"}',
  "-blockdev driver=raw,node-name=fmt,file=prot",
  "-drive file.driver=raw,file.file=prot",
  "-blockdev driver=ssh,path=img,server.host=h,server.port=1",
  '-blockdev {"driver":"gluster","volume":"v","path":"p/a.img","server":[{"type":"inet","host":"h","port":"1"}]}',
  "-drive file.driver=nfs,file.path=img,file.server.type=inet",
  "-drive file=nbd://host/x -hda ssh://host/x -cdrom http://host/x -hdb gluster://h/v/x -hdc a:b.img",
  "-drive file=rbd:pool/image,if=none -hda iscsi://h/x/0",
  "-hda /a.img /b.img -serial stdio -serial /dev/ttyS0 -serial chardev:file -monitor none -gdb tcp::1234",
  "-chardev socket,id=c,path=name,abstract=on -chardev udp,id=u,host=path",
  "-serial unix:name,abstract=on",
  "-device virtio-rng-pci,id=path,rng=file -device virtio-9p-pci,fsdev=path,mount_tag=dir",
  "-append file=x -name file -smbios type=1,product=file",
  "-bios bios-256k.bin -device e1000,romfile=efi-e1000.rom -device e1000,romfile= -k de -L help",
  "-netdev tap,id=n,script=no,downscript=no -netdev user,id=u,guestfwd=tcp:10.0.2.9:80-cmd:cat",
  "-incoming exec:cat -incoming tcp:0:1 -incoming defer -incoming fd:7",
  "-tpmdev emulator,id=t,chardev=path -vnc none -vnc :1 -spice addr=host",
  "-trace enable=file -plugin libx.so -writeconfig - -loadvm file -qtest-log none -dtb bamboo.dtb",
])("what is no path of this host stays as it is: %s", (line) => {
  expect(rebase(line)).toBe(line);
});

test("what QEMU cannot take as an absolute path is refused", () => {
  for (const line of ["-hda fat:dir", "-acpitable x", "-hda blkdebug:cfg:a.img"]) {
    expect(thrownBy(() => rebase(line, "/a:b")).code).toBe("QEMU_OPTION_UNWRITABLE");
  }
});

test("whoever can look says which firmware is a file of the directory, and which one of QEMU's", () => {
  const options = parseArgv(words("-bios bios.bin -device e1000,romfile=x.rom -option-rom dir/y.rom"));
  const there = new Set(["/d/bios.bin"]);
  const rebased = rebasePaths(options, "/d", { exists: (path) => there.has(path) });
  expect(renderArgv(rebased).join(" ")).toBe(
    "-bios /d/bios.bin -device e1000,romfile=x.rom -option-rom /d/dir/y.rom",
  );
});

describe("QEMU in another directory opens what it would have opened", () => {
  let root: string;
  let from: string;
  let elsewhere: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "rebase-"));
    from = join(root, "a, b");
    elsewhere = join(root, "c");
    for (const directory of [from, elsewhere, join(from, "dir")]) mkdirSync(directory);
    for (const file of ["a.img", "b,c.img", "fw.bin"]) writeFileSync(join(from, file), Buffer.alloc(65_536));
    writeFileSync(join(from, "aml"), Buffer.alloc(64));
    writeFileSync(join(from, "cfg"), '[inject-error]\nevent = "read_aio"\n');
    writeFileSync(join(from, "rc"), '[device]\ndriver = "virtio-rng-pci"\n');
    writeFileSync(join(from, "text"), "text");
  });

  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  async function opens(
    lines: readonly string[],
    sockets: readonly string[] = [],
  ): Promise<{ opened: string[]; made: string[] }> {
    const options = rebasePaths(parseArgv(lines.flatMap(words)), from);
    const before = readdirSync(from);
    let opened: string[] = [];
    await withQemu(options, elsewhere, async (ask, pid) => {
      // A socket of -netdev is made by a thread.
      await expect
        .poll(async () => [
          await ask("query-status"),
          sockets.filter((name) => !existsSync(join(from, name))),
        ])
        .toEqual([expect.anything(), []]);
      const descriptors = `/proc/${pid}/fd`;
      opened = readdirSync(descriptors)
        .map((descriptor) => readlinkSync(join(descriptors, descriptor)))
        .filter((path) => path.startsWith(from) && path !== from);
    });
    expect(readdirSync(elsewhere)).toEqual([]);
    return {
      opened: [...new Set(opened.map((path) => path.slice(from.length + 1)))].toSorted(),
      made: readdirSync(from)
        .filter((name) => !before.includes(name))
        .toSorted(),
    };
  }

  test("disks", async () => {
    const read = "format=raw,if=none,readonly=on";
    const { opened } = await opens([
      "-accel tcg -cdrom a.img",
      `-drive file=b,,c.img,${read}`,
      `-drive file=file:a.img,${read}`,
      `-drive file=fat:dir,${read}`,
      `-drive file.driver=file,file.filename=a.img,${read}`,
      `-drive file=blkdebug:cfg:fw.bin,${read}`,
      `'-drive' 'file=json:{ "driver":"raw",, "file":{"driver":"file",,"filename":"b,,c.img"}},if=none,readonly=on'`,
      '-blockdev {"driver":"file","filename":"a.img","node-name":"prot","read-only":true}',
      '-blockdev {"driver":"raw","node-name":"fmt","file":"prot","read-only":true}',
      "-blockdev driver=raw,node-name=flat,file.driver=file,file.filename=b,,c.img,read-only=on",
      "-drive id=set,if=none,format=raw,readonly=on,file=nosuch -set drive.set.file=fw.bin",
    ]);
    expect(opened).toEqual(["a.img", "b,c.img", "fw.bin"]);
  });

  test("sockets, logs and other character devices", async () => {
    const sockets = "chardev1 gdb hmp incoming net1 net2 qmp,2 serial1 serial2 vnc0".split(" ");
    const { opened, made } = await opens(
      [
        "-accel tcg -serial file:serial0,x -serial unix:serial1,server=on,wait=off,logfile=log1",
        "-serial mon:unix:serial2,server,nowait -parallel file:parallel -debugcon file:debugcon",
        "-monitor unix:server=on,wait=off,path=hmp -qmp-pretty unix:qmp,,2,server=on,wait=off -gdb unix:gdb,server=on,wait=off",
        "-chardev file,id=c0,path=chardev0,logfile=log2 -chardev socket,id=c1,path=chardev1,server=on,wait=off",
        "-chardev socket,id=c2,path=abstract,abstract=on,server=on,wait=off",
        "-vnc unix:vnc0 -netdev user,id=n0,guestfwd=tcp:10.0.2.9:80-file:forward,tftp=dir",
        "-netdev stream,id=n1,server=on,addr.type=unix,addr.path=net1",
        '-netdev {"type":"stream","id":"n2","server":true,"addr":{"type":"unix","path":"net2"}}',
        "-object filter-dump,id=d,netdev=n0,file=dump -object rng-random,id=r,filename=text",
        "-object memory-backend-file,id=m,size=64K,mem-path=memory -object secret,id=s,file=text",
        "-D log3 -pidfile pid -trace file=trace -audiodev wav,id=a,path=wav",
        "-incoming unix:incoming",
      ],
      sockets,
    );
    const files = "chardev0 debugcon dump forward log1 log2 memory parallel serial0,x".split(" ");
    expect(opened).toEqual(expect.arrayContaining([...files, "text"]));
    expect(made).toEqual(expect.arrayContaining([...files, ...sockets, "pid"]));
    expect(made).not.toContain("abstract");
  });

  test("firmware, tables, shares and what QEMU reads at its start", async () => {
    const lines = [
      "-accel tcg -L . -bios fw.bin -option-rom fw.bin -device e1000,romfile=fw.bin -global e1000e.romfile=fw.bin",
      '-device e1000e -device {"driver":"e1000","romfile":"fw.bin"} -device e1000,romfile=efi-e1000.rom',
      "-acpitable sig=TEST,data=aml:aml -smbios type=11,path=text -fw_cfg opt/x,file=text",
      "-virtfs local,path=dir,mount_tag=t,security_model=none -readconfig rc -device loader,file=fw.bin,addr=0x100000",
    ];
    const { opened } = await opens(lines);
    expect(opened).toEqual(["dir"]);
    // Each of these is needed: without it there is no start.
    rmSync(join(from, "text"));
    await expect(opens(lines)).rejects.toThrow("text");
    expect(existsSync(join(from, "dir"))).toBe(true);
  });
});
