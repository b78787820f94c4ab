export {
  type AddressList,
  addressListSize,
  MAX_CANDIDATES,
  OBSERVED_SIZE,
  readAddressList,
  writeAddressList,
  writeObserved,
} from './address-frames.ts'
export { ByteReader } from './byte-reader.ts'
export {
  type Candidate,
  type CandidateSource,
  MAX_CANDIDATE_SIZE,
  readCandidate,
  writeCandidate,
} from './candidate.ts'
export { CloseCode } from './close-code.ts'
export { Fifo } from './fifo.ts'
export { FrameReader, type FrameVisitor } from './frame-reader.ts'
export type { FrameSource, SentFrame, StreamFrameHandler, WriteContext } from './frame-source.ts'
export { FrameType, JoinKind, MAX_CLOSE_REASON } from './frame-type.ts'
export {
  closeSize,
  datagramSize,
  MAX_JOIN_FRAME_SIZE,
  maxDataSize,
  maxStreamDataSize,
  maxStreamsSize,
  PATH_FRAME_SIZE,
  resetSize,
  stopSize,
  streamHeaderSize,
  writeAck,
  writeClose,
  writeDatagram,
  writeHandshakeDone,
  writeJoin,
  writeMaxData,
  writeMaxStreamData,
  writeMaxStreams,
  writePadding,
  writePathChallenge,
  writePathResponse,
  writePing,
  writeReset,
  writeStop,
  writeStreamHeader,
} from './frame-writer.ts'
export { ipPrefix, isLoopback, parseIpAddress } from './ip-address.ts'
export { MIN_IDLE_TIMEOUT, type TransportLimits } from './limits.ts'
export { isSameLink, type Link } from './link.ts'
export type { CongestionControl, LossRecovery, PathStatistics, RttEstimate } from './loss-recovery.ts'
export { MAX_MESSAGE_SIZE, messageHeaderSize, readMessageHeader, writeMessageHeader } from './message.ts'
export type { Output } from './output.ts'
export {
  CONNECTION_ID_SIZE,
  connectionIdKey,
  isPacket,
  MAX_PACKET_NUMBER,
  PACKET_HEADER_SIZE,
  PACKET_OVERHEAD,
  packetDestination,
  packetEpochBits,
  packetNumberOf,
  TAG_SIZE,
  writePacketHeader,
} from './packet-header.ts'
export type { PathTerms } from './path-terms.ts'
export { ProtocolError } from './protocol-error.ts'
export type { FrameRule } from './refusal.ts'
export type { SentPacket } from './sent-packet.ts'
export { MAX_VARINT, varintSize, varintSizeFrom, writeVarint } from './varint.ts'
