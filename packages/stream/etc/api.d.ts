// ./dist/index.d.ts
import { FrameSource, TransportLimits, SentFrame, WriteContext } from "@stt/frame";
interface FirstWindowOptions {
    readonly sessionWindow: number;
    readonly streamWindow: number;
    readonly streams: number;
    readonly maxMessage: number;
}
declare function firstStreamWindow(options: FirstWindowOptions): number;
interface StreamLimits {
    readonly streamWindow: number;
    readonly maxStreamWindow: number;
    readonly maxSessionWindow: number;
    readonly maxStreamSend: number;
    readonly maxSessionSend: number;
    readonly maxGaps: number;
    readonly maxSessionGaps: number;
    readonly maxPartialMessages: number;
    readonly streamIdle: number;
}
declare class Queue<T> {
    #private;
    get isEmpty(): boolean;
    get first(): T | undefined;
    push(node: QueueNode<T>): void;
    unshift(node: QueueNode<T>): void;
    shift(): T | undefined;
    remove(node: QueueNode<T>): void;
}
declare class QueueNode<T> {
    readonly owner: T;
    constructor(owner: T);
}
interface StreamStatistics {
    readonly id: number;
    readonly priority: number;
    readonly bytesWritten: number;
    readonly bytesSent: number;
    readonly bytesResent: number;
    readonly bytesReceived: number;
    readonly bytesRead: number;
    readonly messagesSent: number;
    readonly messagesReceived: number;
    readonly sendBuffered: number;
    readonly receiveBuffered: number;
    readonly receiveMemory: number;
    readonly receiveWindow: number;
    readonly gaps: number;
}
interface StreamManagerStatistics {
    readonly open: number;
    readonly openedLocally: number;
    readonly openedByPeer: number;
    readonly finished: number;
    readonly bytesSent: number;
    readonly bytesResent: number;
    readonly bytesReceived: number;
    readonly messagesSent: number;
    readonly messagesReceived: number;
    readonly sendBuffered: number;
    readonly receiveMemory: number;
    readonly sendCredit: number;
    readonly receiveCredit: number;
    readonly receiveBuffered: number;
    readonly receiveWindow: number;
}
type StreamEventType = "opened" | "readable" | "writable" | "delivered" | "reset" | "stopped" | "finished";
type StreamEvent = {
    readonly type: StreamEventType;
    readonly id: number;
    readonly code?: number;
} | {
    readonly type: "streams-available";
    readonly unidirectional: boolean;
};
declare class StreamEngine {
    #private;
    readonly id: number;
    readonly isLocal: boolean;
    readonly unidirectional: boolean;
    readonly priority: number;
    get isReadable(): boolean;
    get isWritable(): boolean;
    get error(): Error | undefined;
    write(bytes: Uint8Array): number;
    writeMessage(message: Uint8Array): boolean;
    get writableBytes(): number;
    get writableEnded(): boolean;
    get delivered(): boolean;
    get stopCode(): number | undefined;
    end(): void;
    reset(code: number): void;
    stop(code: number): void;
    read(): Uint8Array<ArrayBuffer> | undefined;
    readInto(target: Uint8Array): number;
    readMessage(): Uint8Array<ArrayBuffer> | undefined;
    get isStopped(): boolean;
    get readableEnded(): boolean;
    get resetCode(): number | undefined;
    get receiveWindow(): number;
    get bufferedBytes(): number;
    claim(): void;
    handleIncoming(offset: number, bytes: Uint8Array, fin: boolean): void;
    recordSentBytes(length: number): void;
    recordReceivedBytes(length: number): void;
    isExpired(now: number): boolean;
    getStatistics(): StreamStatistics;
}
interface StreamManagerConfig {
    readonly role: "initiator" | "responder";
    readonly local: TransportLimits;
    readonly peer: TransportLimits;
    readonly limits?: Partial<StreamLimits>;
    readonly onWake?: () => void;
}
interface OpenOptions {
    readonly unidirectional?: boolean;
    readonly priority?: number;
}
declare class StreamManager implements FrameSource {
    #private;
    constructor(config: StreamManagerConfig);
    open(options?: OpenOptions): StreamEngine | undefined;
    get(id: number): StreamEngine | undefined;
    has(id: number): boolean;
    list(): readonly StreamEngine[];
    close(id: number): boolean;
    closeAll(error: Error): void;
    abortAll(error: Error): void;
    get heldBytes(): number;
    get size(): number;
    get mayGrow(): boolean;
    set mayGrow(allowed: boolean);
    expire(now: number): number;
    pollEvent(): StreamEvent | undefined;
    getStatistics(): StreamManagerStatistics;
    hasFrames(): boolean;
    writeFrames(buffer: Uint8Array, offset: number, limit: number, sent: SentFrame[], context: WriteContext): number;
    onFrameAcknowledged(frame: SentFrame): void;
    onFrameLost(frame: SentFrame): void;
    onStream(id: number, offset: number, data: Uint8Array, fin: boolean, owned?: boolean): void;
    onReset(id: number, code: number, finalSize: number): void;
    onStop(id: number, code: number): void;
    onMaxData(max: number): void;
    onMaxStreamData(id: number, max: number): void;
    onMaxStreams(unidirectional: boolean, max: number): void;
}
export { type FirstWindowOptions, type OpenOptions, Queue, QueueNode, StreamEngine, type StreamEvent, type StreamEventType, type StreamLimits, StreamManager, type StreamManagerConfig, type StreamManagerStatistics, type StreamStatistics, firstStreamWindow };

// ./dist/segments.d.ts
import { CryptoProvider, Entropy } from "@stt/crypto";
interface SegmentOptions {
    readonly key: Uint8Array;
    readonly context: Uint8Array;
    readonly provider?: CryptoProvider;
}
interface StreamDecoderOptions extends SegmentOptions {
    readonly reorder?: number;
}
interface MissingSegments {
    readonly first: number;
    readonly last: number;
}
interface SkippedSegments {
    readonly missing: MissingSegments;
    readonly bytes: readonly Uint8Array<ArrayBuffer>[];
}
interface StreamDecoderStatistics {
    readonly segments: number;
    readonly bytesIn: number;
    readonly bytesOut: number;
    readonly epoch: number;
    readonly held: number;
    readonly rejected: number;
    readonly replayed: number;
    readonly skipped: number;
    readonly ended: boolean;
}
declare class StreamDecoder {
    #private;
    constructor(options: StreamDecoderOptions);
    get missing(): readonly MissingSegments[];
    get skipped(): readonly MissingSegments[];
    get ended(): boolean;
    decode(given: Uint8Array): Uint8Array<ArrayBuffer>[];
    skipMissing(): SkippedSegments | undefined;
    end(): void;
    getStatistics(): StreamDecoderStatistics;
    dispose(): void;
}
interface StreamEncoderOptions extends SegmentOptions {
    readonly segmentSize?: number;
    readonly entropy?: Entropy;
}
interface StreamEncoderStatistics {
    readonly segments: number;
    readonly bytesIn: number;
    readonly bytesOut: number;
    readonly epoch: number;
    readonly ended: boolean;
}
declare class StreamEncoder {
    #private;
    readonly segmentSize: number;
    constructor(options: StreamEncoderOptions);
    encode(given: Uint8Array): Uint8Array<ArrayBuffer>[];
    rotateKeys(): void;
    end(): Uint8Array<ArrayBuffer>[];
    getStatistics(): StreamEncoderStatistics;
    dispose(): void;
}
declare function sealSegments(bytes: Uint8Array, options: StreamEncoderOptions): Uint8Array<ArrayBuffer>;
declare function openSegments(bytes: Uint8Array, options: StreamDecoderOptions): Uint8Array<ArrayBuffer>;
declare function encodeFrom(encoder: StreamEncoder, source: ByteSource): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;
declare function decodeFrom(decoder: StreamDecoder, source: ByteSource): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;
declare function encoderTransform(encoder: StreamEncoder): TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>;
declare function decoderTransform(decoder: StreamDecoder): TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>;
type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
export { type ByteSource, type MissingSegments, type SegmentOptions, type SkippedSegments, StreamDecoder, type StreamDecoderOptions, type StreamDecoderStatistics, StreamEncoder, type StreamEncoderOptions, type StreamEncoderStatistics, decodeFrom, decoderTransform, encodeFrom, encoderTransform, openSegments, sealSegments };
