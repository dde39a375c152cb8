export {
  change,
  consentQuestion,
  describeChange,
  editConfig,
  importScript,
  importVm,
  scriptOfChange,
  snapshotsOf,
} from "@vm/operations";
