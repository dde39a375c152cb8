export {
  openDecoder,
  withoutLines,
  type DecodedFrame,
  type DecodedLine,
  type DecodedReport,
  type Decoder,
  type DecoderProblem,
  type DecoderSettings,
} from "./decoder.js";
export type { SourcePlace } from "./line-program.js";
