export { change, scriptOfChange, snapshotsOf } from "@vm/operations";
