/**
 * Shell text that sets `vm_found` to the pids of the systemd service that it runs in: everything that the command started
 * is in the service's control group. Source: cgroups(7).
 */
export const SERVICE_PROCESSES: string = `
vm_cgroup=
while IFS=: read -r _ vm_kind vm_path; do
    case $vm_kind in '' | name=systemd) vm_cgroup=$vm_path ;; esac
done </proc/self/cgroup
vm_found=
for vm_base in /sys/fs/cgroup /sys/fs/cgroup/systemd; do
    [ "\${#vm_cgroup}" -gt 1 ] && [ -r "$vm_base$vm_cgroup/cgroup.procs" ] || continue
    while read -r vm_pid; do vm_found="$vm_found $vm_pid"; done <"$vm_base$vm_cgroup/cgroup.procs"
done
`;
