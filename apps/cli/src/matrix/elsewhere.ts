export { checkHostsRun, runOnCluster, runOnHosts } from "@vm/kernel-matrix";
