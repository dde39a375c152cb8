export { change, editConfig, scriptOfChange, snapshotsOf } from "@vm/operations";
