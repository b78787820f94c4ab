export {
  type ByteSource,
  decodeFrom,
  decoderTransform,
  encodeFrom,
  encoderTransform,
  openSegments,
  sealSegments,
} from './carriers.ts'
export type { SegmentOptions } from './segment-key.ts'
export {
  type MissingSegments,
  type SkippedSegments,
  StreamDecoder,
  type StreamDecoderOptions,
  type StreamDecoderStatistics,
} from './stream-decoder.ts'
export { StreamEncoder, type StreamEncoderOptions, type StreamEncoderStatistics } from './stream-encoder.ts'
