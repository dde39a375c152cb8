import { runSupervisor } from "@vm/operations";
import { ownFiles } from "./own-files.js";

void runSupervisor({ socket: process.argv[2] ?? "", fragments: ownFiles("configs") });
