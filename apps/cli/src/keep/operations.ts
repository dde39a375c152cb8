export { change, editConfig, importScript, importVm, scriptOfChange, snapshotsOf } from "@vm/operations";
