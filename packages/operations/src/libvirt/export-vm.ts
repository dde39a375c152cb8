import { codedError, plainText, toScript } from "@vm/command-plan";
import { hasDaemons } from "@vm/guest-run";
import { rebasePaths } from "@vm/qemu-argv";
import { existsSync } from "node:fs";
import { planRun } from "../guest/vm-run.js";
import { vmHome } from "../guest/vm-config.js";
import { tell, type Host } from "../host.js";
import type { Mode } from "../mode.js";
import { remark, warning } from "../notice.js";
import type { ExportVmRequest } from "../request/request.js";
import { scriptOrRepeat } from "../script.js";
import { inWords, renderDomain } from "./domain.js";
import { domainIdentity } from "./identity.js";

/**
 * A virtual machine as libvirt's domain, as `virsh define` takes it. With a kernel it boots that one, made ready as for a run.
 *
 * @throws `LIBVIRT_UNWRITABLE`, `LIBVIRT_NO_WORD`
 */
export async function exportVm(request: ExportVmRequest, host: Host): Promise<string> {
  return (await renderVm(request, "run", host)).xml;
}

/** The script that prints it, when what its kernel needs is ready. */
export function exportScript(request: ExportVmRequest, host: Host): Promise<string> {
  return scriptOrRepeat(async () => {
    const { xml, steps } = await renderVm(request, "script", host);
    return toScript([...steps, { kind: "run", argv: ["cat"], input: plainText(xml) }]);
  }, host);
}

async function renderVm(
  { vm: name, kernel }: ExportVmRequest,
  mode: Mode,
  host: Host,
): Promise<{ readonly xml: string; readonly steps: Awaited<ReturnType<typeof planRun>>["vm"]["steps"] }> {
  const { vm, options, shares } = await planRun(
    { operation: "run-vm", vm: name, ...(kernel === undefined ? {} : { kernel }) },
    mode,
    host,
  );
  if (hasDaemons(shares)) {
    throw codedError(
      "LIBVIRT_NO_WORD",
      "this kernel has no 9p, and its modules would need a virtiofsd that vm runs",
      { hint: "Take a kernel with CONFIG_NET_9P_VIRTIO, or export the machine without -k." },
    );
  }
  const { directory } = vm.config;
  const absolute = rebasePaths(options, directory, { exists: existsSync });
  const { xml, commandLine, notes } = renderDomain({
    name,
    arch: vm.arch,
    qemu: vm.qemu,
    options: absolute,
    ...domainIdentity(vmHome(host), name),
  });
  tell(
    host,
    notes.map((note) => warning("LIBVIRT_DIFFERS", note)),
  );
  if (commandLine.length > 0) {
    tell(host, [
      remark(
        `libvirt's XML has no word for these; they stand in <qemu:commandline>, for QEMU alone: ${commandLine.map(inWords).join(" ")}`,
      ),
    ]);
  }
  return { xml, steps: vm.steps };
}
