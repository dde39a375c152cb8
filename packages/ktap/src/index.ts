export { expectFailures, type ExpectedReason } from "./expected-failures.js";
export { ktapParser, parseKtap, type KtapParser, type KtapSettings } from "./ktap-parser.js";
export {
  countsItself,
  isBad,
  ktapStatuses,
  type KtapCounts,
  type KtapDirective,
  type KtapReport,
  type KtapStatus,
  type KtapTest,
} from "./ktap-report.js";
