// ./dist/index.d.ts
import { SttError, SttErrorDetails } from "@stt/errors";
declare class ByteReader {
    #private;
    reset(bytes: Uint8Array, start: number, end: number): void;
    get offset(): number;
    get remaining(): number;
    uint8(): number;
    varint(): number;
    take(length: number): Uint8Array;
}
type CandidateSource = "host" | "observed" | "mapped" | "configured";
interface Candidate {
    readonly source: CandidateSource;
    readonly address: string;
    readonly port: number;
}
declare const MAX_CANDIDATE_SIZE = 21;
declare function writeCandidate(buffer: Uint8Array, offset: number, { source, address, port }: Candidate): number;
declare function readCandidate(reader: ByteReader): Candidate | undefined;
declare const FrameType: {
    readonly Padding: 0;
    readonly Ping: 1;
    readonly Ack: 2;
    readonly Reset: 4;
    readonly Stop: 5;
    readonly Stream: 8;
    readonly StreamFin: 9;
    readonly MaxData: 16;
    readonly MaxStreamData: 17;
    readonly MaxStreamsBidi: 18;
    readonly MaxStreamsUni: 19;
    readonly Join: 23;
    readonly PathChallenge: 26;
    readonly PathResponse: 27;
    readonly Close: 28;
    readonly HandshakeDone: 30;
    readonly Addresses: 32;
    readonly Punch: 33;
    readonly Observed: 34;
    readonly Datagram: 48;
};
declare const JoinKind: {
    readonly MessageLink: 1;
};
declare const MAX_CLOSE_REASON: number;
interface AddressList {
    readonly number: number;
    readonly candidates: readonly Candidate[];
}
declare const MAX_CANDIDATES = 8;
declare const addressListSize: ({ number, candidates }: AddressList) => number;
declare const OBSERVED_SIZE: number;
declare function writeAddressList(buffer: Uint8Array, offset: number, type: typeof FrameType.Addresses | typeof FrameType.Punch, { number, candidates }: AddressList): number;
declare function readAddressList(reader: ByteReader): AddressList;
declare function writeObserved(buffer: Uint8Array, offset: number, candidate: Candidate): number;
declare const CloseCode: {
    readonly NoError: 0;
    readonly InternalError: 1;
    readonly FlowControl: 3;
    readonly StreamLimit: 4;
    readonly StreamState: 5;
    readonly FinalSize: 6;
    readonly FrameEncoding: 7;
    readonly UnknownFrame: 8;
    readonly AckOfUnsent: 9;
    readonly ProtocolViolation: 10;
    readonly MessageTooLarge: 11;
    readonly GapLimit: 13;
    readonly KeyUpdate: 14;
    readonly AeadLimit: 15;
};
type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];
declare class Fifo<T> {
    #private;
    get length(): number;
    push(item: T): void;
    peek(): T | undefined;
    shift(): T | undefined;
    clear(): void;
}
interface StreamFrameHandler {
    onStream(id: number, offset: number, data: Uint8Array, fin: boolean, owned?: boolean): void;
    onReset(id: number, code: number, finalSize: number): void;
    onStop(id: number, code: number): void;
    onMaxData(max: number): void;
    onMaxStreamData(id: number, max: number): void;
    onMaxStreams(unidirectional: boolean, max: number): void;
}
interface SentFrame {
    readonly type: number;
    readonly id: number;
    readonly offset: number;
    readonly length: number;
    readonly fin: boolean;
}
interface WriteContext {
    readonly now: number;
    readonly rtt: number;
}
interface FrameSource extends StreamFrameHandler {
    hasFrames(): boolean;
    writeFrames(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[], context: WriteContext): number;
    onFrameAcknowledged(frame: SentFrame): void;
    onFrameLost(frame: SentFrame): void;
}
interface FrameVisitor extends StreamFrameHandler {
    onPing(): void;
    onAck(ranges: readonly number[], delay: number): void;
    onJoin(serial: number, kind: number): void;
    onPathChallenge(data: Uint8Array): void;
    onPathResponse(data: Uint8Array): void;
    onClose(app: boolean, code: number, reason: string): void;
    onHandshakeDone(): void;
    onDatagram(data: Uint8Array): void;
    onOptional?(type: number, reader: ByteReader): boolean;
}
declare class FrameReader {
    #private;
    constructor(visitor: FrameVisitor);
    get framesRead(): number;
    read(bytes: Uint8Array, start: number, end: number): boolean;
}
declare function streamHeaderSize(id: number, streamOffset: number, length: number): number;
declare function writeStreamHeader(buffer: Uint8Array, offset: number, id: number, streamOffset: number, length: number, fin: boolean): number;
declare function resetSize(id: number, code: number, finalSize: number): number;
declare function writeReset(buffer: Uint8Array, offset: number, id: number, code: number, finalSize: number): number;
declare function stopSize(id: number, code: number): number;
declare function writeStop(buffer: Uint8Array, offset: number, id: number, code: number): number;
declare function maxDataSize(max: number): number;
declare function writeMaxData(buffer: Uint8Array, offset: number, max: number): number;
declare function maxStreamDataSize(id: number, max: number): number;
declare function writeMaxStreamData(buffer: Uint8Array, offset: number, id: number, max: number): number;
declare function maxStreamsSize(max: number): number;
declare function writeMaxStreams(buffer: Uint8Array, offset: number, unidirectional: boolean, max: number): number;
declare function writePadding(buffer: Uint8Array, offset: number, end: number): number;
declare function writePing(buffer: Uint8Array, offset: number): number;
declare function writeHandshakeDone(buffer: Uint8Array, offset: number): number;
declare const MAX_JOIN_FRAME_SIZE: number;
declare function writeJoin(buffer: Uint8Array, offset: number, serial: number, kind: number): number;
declare const PATH_FRAME_SIZE: number;
declare function writePathChallenge(buffer: Uint8Array, offset: number, data: Uint8Array): number;
declare function writePathResponse(buffer: Uint8Array, offset: number, data: Uint8Array): number;
declare function datagramSize(length: number): number;
declare function writeDatagram(buffer: Uint8Array, offset: number, data: Uint8Array): number;
declare function closeSize(code: number, reason: Uint8Array): number;
declare function writeClose(buffer: Uint8Array, offset: number, app: boolean, code: number, reason: Uint8Array): number;
declare function writeAck(buffer: Uint8Array, offset: number, limit: number, ranges: ArrayLike<number>, delay: number): number;
declare function parseIpAddress(text: string): Uint8Array<ArrayBuffer> | undefined;
declare function isLoopback(address: string): boolean;
declare function ipPrefix(address: string): string | undefined;
interface TransportLimits {
    readonly idleTimeout: number;
    readonly maxData: number;
    readonly maxStreamData: number;
    readonly maxDatagram: number;
    readonly maxMessage: number;
    readonly maxStreamsBidi: number;
    readonly maxStreamsUni: number;
}
declare const MIN_IDLE_TIMEOUT: number;
interface SentPacket {
    readonly packetNumber: number;
    readonly sentAt: number;
    readonly size: number;
    readonly ackEliciting: boolean;
    lost: boolean;
}
interface LossRecovery {
    readonly rtt: RttEstimate;
    readonly congestion: CongestionControl;
    readonly packetSize: number;
    sizeProbe(now: number): number;
    readonly probesWanted: number;
    readonly probesInARow: number;
    onPacketSent(packet: SentPacket, now: number): void;
    onAcknowledged(acknowledged: readonly SentPacket[], timedFrom: number | undefined, ackDelay: number, lost: SentPacket[], now: number): void;
    readonly deadline: number;
    onTime(lost: SentPacket[], now: number): void;
    onStall(now: number): void;
    readonly probeTimeout: number;
    getStatistics(): PathStatistics;
}
interface CongestionControl {
    canSend(size: number, now: number): boolean;
    deadline(now: number): number;
    onApplicationLimited(): void;
}
interface RttEstimate {
    readonly known: boolean;
    readonly latest: number;
    readonly min: number;
    readonly smoothed: number;
    readonly variation: number;
    probeTimeout(maxAckDelay: number): number;
}
interface PathStatistics {
    readonly smoothedRtt: number;
    readonly minRtt: number;
    readonly congestionWindow: number;
    readonly bytesInFlight: number;
    readonly pacingRate: number;
    readonly maxDatagramSize: number;
    readonly packetsLost: number;
    readonly packetsSpuriouslyLost: number;
    readonly probesSent: number;
}
interface Link {
    readonly lossy: boolean;
    readonly ordered: boolean;
    readonly maxPacketSize: number;
    readonly remote: string;
    isSame?(other: Link): boolean;
    createRecovery(): LossRecovery | undefined;
    send(packet: Uint8Array): boolean;
    onPacket: (packet: Uint8Array) => void;
    onDrain: () => void;
    onUnreachable?: (reason: Error) => void;
    onClose: (reason?: Error) => void;
    close(): void;
}
declare const isSameLink: (a: Link, b: Link) => boolean;
declare const MAX_MESSAGE_SIZE: number;
declare function messageHeaderSize(length: number): number;
declare function writeMessageHeader(buffer: Uint8Array, offset: number, length: number, maximum: number): number;
declare function readMessageHeader(reader: ByteReader, maximum: number): number;
type Output<Event, To> = {
    readonly type: "transmit";
    readonly packet: Uint8Array;
    readonly to: To;
} | {
    readonly type: "event";
    readonly event: Event;
} | {
    readonly type: "timeout";
    readonly at: number;
};
declare const PACKET_HEADER_SIZE: number;
declare const TAG_SIZE: number;
declare const PACKET_OVERHEAD: number;
declare const CONNECTION_ID_SIZE: number;
declare const MAX_PACKET_NUMBER: number;
declare function isPacket(bytes: Uint8Array): boolean;
declare function writePacketHeader(buffer: Uint8Array, destination: Uint8Array, packetNumber: number, epoch: number): void;
declare function packetEpochBits(packet: Uint8Array): number;
declare function packetNumberOf(packet: Uint8Array): number | undefined;
declare function packetDestination(packet: Uint8Array): Uint8Array;
declare function connectionIdKey(bytes: Uint8Array, offset?: number): string;
interface PathTerms {
    readonly version: number;
    readonly maxPaths: number;
    readonly punch: boolean;
    readonly detached: number;
}
declare class ProtocolError extends SttError {
    readonly closeCode: CloseCode;
    constructor(closeCode: CloseCode, message: string, details?: SttErrorDetails);
}
type FrameRule = "truncated" | "varint-not-minimal" | "varint-too-large" | "unknown-frame" | "empty-packet" | "ack-range-below-zero" | "offset-too-large" | "stream-count-too-large" | "join-serial-zero" | "close-app-flag" | "close-reason-too-long" | "close-reason-not-utf8" | "message-too-large" | "candidate-length" | "address-list";
declare const MAX_VARINT: number;
declare function varintSize(value: number): number;
declare function varintSizeFrom(firstByte: number): number;
declare function writeVarint(buffer: Uint8Array, offset: number, value: number): number;
export { type AddressList, ByteReader, CONNECTION_ID_SIZE, type Candidate, type CandidateSource, CloseCode, type CongestionControl, Fifo, FrameReader, type FrameRule, type FrameSource, FrameType, type FrameVisitor, JoinKind, type Link, type LossRecovery, MAX_CANDIDATES, MAX_CANDIDATE_SIZE, MAX_CLOSE_REASON, MAX_JOIN_FRAME_SIZE, MAX_MESSAGE_SIZE, MAX_PACKET_NUMBER, MAX_VARINT, MIN_IDLE_TIMEOUT, OBSERVED_SIZE, type Output, PACKET_HEADER_SIZE, PACKET_OVERHEAD, PATH_FRAME_SIZE, type PathStatistics, type PathTerms, ProtocolError, type RttEstimate, type SentFrame, type SentPacket, type StreamFrameHandler, TAG_SIZE, type TransportLimits, type WriteContext, addressListSize, closeSize, connectionIdKey, datagramSize, ipPrefix, isLoopback, isPacket, isSameLink, maxDataSize, maxStreamDataSize, maxStreamsSize, messageHeaderSize, packetDestination, packetEpochBits, packetNumberOf, parseIpAddress, readAddressList, readCandidate, readMessageHeader, resetSize, stopSize, streamHeaderSize, varintSize, varintSizeFrom, writeAck, writeAddressList, writeCandidate, writeClose, writeDatagram, writeHandshakeDone, writeJoin, writeMaxData, writeMaxStreamData, writeMaxStreams, writeMessageHeader, writeObserved, writePacketHeader, writePadding, writePathChallenge, writePathResponse, writePing, writeReset, writeStop, writeStreamHeader, writeVarint };
