export { type FirstWindowOptions, firstStreamWindow } from './first-window.ts'
export type { StreamLimits } from './limits.ts'
export { Queue, QueueNode } from './queue.ts'
export {
  type ByteSource,
  decodeFrom,
  decoderTransform,
  encodeFrom,
  encoderTransform,
  openSegments,
  sealSegments,
} from './segments/carriers.ts'
export type { SegmentOptions } from './segments/segment-key.ts'
export {
  type MissingSegments,
  type SkippedSegments,
  StreamDecoder,
  type StreamDecoderOptions,
  type StreamDecoderStatistics,
} from './segments/stream-decoder.ts'
export { StreamEncoder, type StreamEncoderOptions, type StreamEncoderStatistics } from './segments/stream-encoder.ts'
export type { StreamManagerStatistics, StreamStatistics } from './statistics.ts'
export { Stream } from './stream.ts'
export type { StreamEventType } from './stream-events.ts'
export { type OpenOptions, type StreamEvent, StreamManager, type StreamManagerConfig } from './stream-manager.ts'
