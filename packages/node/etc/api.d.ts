// ./dist/index.browser.d.ts
export { Identity, Seed, fromHex, toHex } from "@stt/crypto";
export { SttError, type SttErrorCode, isSttError } from "@stt/errors";
export { MemoryTrustStore, type TrustStore } from "@stt/handshake";
export { type CloseReason, type DatagramOutcome, type MoveReason, type PathState } from "@stt/session";
import { A as AnyNode, C as CommonOptions } from "./options.js";
export { type a as AddressStore, type b as Authorize, type c as CloseOptions, type D as DatedSeed, type d as DialOptions, type e as DiscoveryOptions, type f as DrainOptions, type I as IncomingPeer, type L as Lan, type g as LanOptions, type h as LanState, type i as LanWish, type M as MetadataTypes, type N as NodeId, type j as NodeLimits, type k as NodeStatistics, type O as OpenStreamOptions, type P as PathCandidate, type l as PathChange, type m as PathOptions, type n as Peer, type o as PeerEvent, type p as Peers, type q as PingOptions, type R as ReadAllOptions, type r as ReadOptions, type s as RelayState, type S as Session, type t as SessionPath, type u as SessionState, type v as SessionStatistics, type w as Stream, type W as WriteOptions, x as metadataField } from "./options.js";
import "@stt/serialize";
import "@stt/stream";
type STTNode = AnyNode;
declare const STTNode: {
    create(options: CommonOptions): Promise<STTNode>;
};
export { type CommonOptions as NodeOptions, STTNode };

// ./dist/index.d.ts
export { Identity, Seed, fromHex, toHex } from "@stt/crypto";
export { SttError, type SttErrorCode, isSttError } from "@stt/errors";
import { TrustStore } from "@stt/handshake";
export { MemoryTrustStore, type TrustStore } from "@stt/handshake";
export { type CloseReason, type DatagramOutcome, type MoveReason, type PathState } from "@stt/session";
import { w as Stream, S as Session, a as AddressStore, C as CommonOptions, A as AnyNode } from "./options.js";
export { type b as Authorize, type c as CloseOptions, type D as DatedSeed, type d as DialOptions, type e as DiscoveryOptions, type f as DrainOptions, type I as IncomingPeer, type L as Lan, type g as LanOptions, type h as LanState, type i as LanWish, type M as MetadataTypes, type N as NodeId, type j as NodeLimits, type k as NodeStatistics, type O as OpenStreamOptions, type P as PathCandidate, type l as PathChange, type m as PathOptions, type n as Peer, type o as PeerEvent, type p as Peers, type q as PingOptions, type R as ReadAllOptions, type r as ReadOptions, type s as RelayState, type t as SessionPath, type u as SessionState, type v as SessionStatistics, type W as WriteOptions, x as metadataField } from "./options.js";
import { Duplex } from "node:stream";
import { ListenWebSocketOptions, DialWebSocketOptions } from "@stt/transport-ws";
import "@stt/serialize";
import "@stt/stream";
interface ToDuplexOptions {
    readonly highWaterMark?: number;
}
interface NodeStream extends Stream {
    toDuplex(options?: ToDuplexOptions): Duplex;
}
type NodeSession = Session<NodeStream>;
declare const FileAddressStore: new (path: string) => AddressStore;
type FileAddressStore = AddressStore;
declare const FileTrustStore: new (path: string) => Required<TrustStore>;
type FileTrustStore = Required<TrustStore>;
interface QlogSession {
    readonly id: string;
    readonly role: "client" | "server";
    readonly peer: string;
    readonly address: string;
}
interface QlogSink {
    write(text: string): unknown;
    end?(): unknown;
    readonly writableLength?: number;
}
type QlogOption = (session: QlogSession) => QlogSink | undefined;
interface NodeOptions extends CommonOptions {
    readonly udp?: UdpOptions;
    readonly ws?: WebSocketOptions;
    readonly qlog?: QlogOption;
}
interface UdpOptions {
    readonly maxPacketSize?: number;
    readonly probeUpTo?: number;
    readonly receiveBufferSize?: number;
    readonly sendBufferSize?: number;
}
interface WebSocketOptions extends Pick<ListenWebSocketOptions, "server" | "tls" | "origins" | "clientAddress" | "limits">, Pick<DialWebSocketOptions, "headers" | "ca" | "serverName" | "proxy"> {
}
type STTNode = AnyNode<NodeStream>;
declare const STTNode: {
    create(options: NodeOptions): Promise<STTNode>;
};
export { type AddressStore, FileAddressStore, FileTrustStore, type NodeOptions, type QlogOption, type QlogSession, type QlogSink, STTNode, type NodeSession as Session, type NodeStream as Stream, type ToDuplexOptions, type UdpOptions, type WebSocketOptions };

// ./dist/options.d.ts
import { Entropy, Seed, Identity, CryptoProvider } from "@stt/crypto";
import { Value } from "@stt/serialize";
import { HandshakeStatistics, Peers as Peers$1 } from "@stt/handshake";
import { PathState, MoveReason, CloseReason, DatagramOutcome, SessionStatistics as SessionStatistics$1 } from "@stt/session";
import { StreamStatistics, StreamManagerStatistics } from "@stt/stream";
interface WriteOptions {
    readonly signal?: AbortSignal;
}
interface ReadOptions {
    readonly signal?: AbortSignal;
}
interface ReadAllOptions extends ReadOptions {
    readonly maxBytes: number;
}
interface Stream extends AsyncIterable<Uint8Array<ArrayBuffer>> {
    readonly id: number;
    readonly unidirectional: boolean;
    write(bytes: Uint8Array | ArrayBufferView | ArrayBufferLike, options?: WriteOptions): Promise<void>;
    writeMessage(message: Uint8Array | ArrayBufferView | ArrayBufferLike, options?: WriteOptions): Promise<void>;
    end(options?: WriteOptions): Promise<void>;
    reset(code?: number): void;
    stop(code?: number): void;
    readonly delivered: Promise<void>;
    [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array<ArrayBuffer>, undefined>;
    messages(): AsyncIterable<Uint8Array<ArrayBuffer>>;
    readExactly(length: number, options?: ReadOptions): Promise<Uint8Array<ArrayBuffer>>;
    readAll(options: ReadAllOptions): Promise<Uint8Array<ArrayBuffer>>;
    readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
    readonly writable: WritableStream<Uint8Array>;
    getStatistics(): StreamStatistics;
    [Symbol.asyncDispose](): Promise<void>;
}
type SessionState = "active" | "closing" | "draining" | "closed";
interface Peer {
    readonly id: Uint8Array<ArrayBuffer>;
    readonly address: string;
    readonly seed: number;
    readonly metadata: Value | undefined;
}
interface SessionPath {
    readonly kind: "udp" | "websocket";
    readonly tier: number;
    readonly relayed: boolean;
    readonly remote: string;
    readonly rtt: number;
    readonly state: PathState;
}
interface PathChange {
    readonly from: SessionPath | undefined;
    readonly to: SessionPath;
    readonly reason: MoveReason;
}
interface OpenStreamOptions {
    readonly priority?: number;
    readonly signal?: AbortSignal;
}
interface CloseOptions {
    readonly code?: number;
    readonly reason?: string;
    readonly deadline?: number;
    readonly signal?: AbortSignal;
}
interface PingOptions {
    readonly signal?: AbortSignal;
}
interface SessionStatistics extends Omit<SessionStatistics$1, "state"> {
    readonly state: SessionState;
    readonly keyEpoch: number;
    readonly streams: StreamManagerStatistics;
}
interface Session<S extends Stream = Stream> {
    readonly peer: Peer;
    readonly id: Uint8Array<ArrayBuffer>;
    readonly state: SessionState;
    readonly closed: Promise<CloseReason>;
    readonly path: SessionPath | undefined;
    readonly paths: readonly SessionPath[];
    onPath(handler: (change: PathChange) => unknown): () => void;
    openStream(options?: OpenStreamOptions): Promise<S>;
    openSendStream(options?: OpenStreamOptions): Promise<S>;
    streams(): AsyncIterable<S>;
    onStream(handler: (stream: S) => unknown): () => void;
    readonly maxDatagramSize: number;
    sendDatagram(bytes: Uint8Array | ArrayBufferView | ArrayBufferLike): Promise<DatagramOutcome>;
    datagrams(): AsyncIterable<Uint8Array<ArrayBuffer>>;
    rotateKeys(): void;
    ping(options?: PingOptions): Promise<number>;
    exportKey(label: string, length: number): Uint8Array<ArrayBuffer>;
    getStatistics(): SessionStatistics;
    close(options?: CloseOptions): Promise<CloseReason>;
    [Symbol.asyncDispose](): Promise<void>;
}
interface PathOptions {
    readonly udp?: boolean;
    readonly websocket?: boolean;
    readonly relay?: "only" | boolean;
    readonly shareAddresses?: "all" | "public" | "none";
    readonly candidates?: (candidate: PathCandidate) => boolean;
    readonly openerTtl?: number;
    readonly standby?: number;
    readonly detached?: number;
}
interface PathCandidate {
    readonly side: "own" | "peer";
    readonly source: "host" | "observed" | "mapped" | "configured";
    readonly address: string;
    readonly port: number;
}
interface NodeLimits {
    readonly handshakeTimeout: number;
    readonly pendingHandshakes: number;
    readonly handshakesPerSecond: number;
    readonly handshakesPerPrefix: number;
    readonly waitingHandshakes: number;
    readonly sessions: number;
    readonly sessionsPerPeer: number;
    readonly sessionsPerPrefix: number;
    readonly streams: number;
    readonly streamWindow: number;
    readonly sessionWindow: number;
    readonly maxStreamWindow: number;
    readonly maxSessionWindow: number;
    readonly maxStreamSend: number;
    readonly maxSessionSend: number;
    readonly maxGaps: number;
    readonly maxSessionGaps: number;
    readonly maxPartialMessages: number;
    readonly memory: number;
    readonly maxMessage: number;
    readonly maxDatagram: number;
    readonly datagramQueue: number;
    readonly idleTimeout: number;
    readonly detachedTimeout: number;
    readonly closeDeadline: number;
    readonly streamIdle: number;
}
interface NodeStatistics extends Omit<HandshakeStatistics, "dropped">, Readonly<HandshakeStatistics["dropped"]> {
    readonly sessions: number;
    readonly sessionsOpened: number;
    readonly memoryHeld: number;
    readonly limited: Readonly<Record<"sessions" | "sessionsPerPeer" | "sessionsPerPrefix" | "memory", number>>;
    readonly faults: number;
    readonly sessionsUntaken: number;
    readonly strayPackets: number;
    readonly statelessResets: number;
    readonly cryptography: Readonly<Record<string, 1>>;
}
interface IncomingPeer {
    readonly id: Uint8Array<ArrayBuffer>;
    readonly address: string;
    readonly seed: number;
    readonly metadata: Value | undefined;
}
type Authorize = (peer: IncomingPeer) => boolean | Promise<boolean>;
type NodeId = Uint8Array | string;
type Peers = Exclude<Peers$1, {
    readonly allow: unknown;
}> | {
    readonly allow: Iterable<NodeId>;
};
interface DialOptions {
    readonly signal?: AbortSignal;
    readonly peer?: NodeId;
    readonly metadata?: Value;
}
interface LanOptions {
    readonly id: Uint8Array;
    readonly keys: () => readonly Uint8Array[];
    readonly ports: (address: string) => {
        readonly udp: number;
        readonly ws: number;
    };
    readonly isUsed: (name: string, isInternal: boolean) => boolean;
    readonly entropy: Entropy;
    readonly onSeen: (peer: {
        readonly id: Uint8Array;
        readonly addresses: readonly string[];
        readonly ttl: number;
    }) => void;
    readonly onGone: (id: Uint8Array) => void;
    readonly onProblem: (error: Error) => void;
}
interface LanState {
    readonly name: string;
    readonly address: string;
    readonly answers: boolean;
    readonly heard: "others" | "itself" | "nothing";
}
interface Lan {
    readonly interfaces: readonly LanState[];
    explainSilence(): string | undefined;
    watch(): void;
    unwatch(): void;
    changed(): void;
    keysReplaced(): void;
    close(): Promise<void>;
}
interface DiscoveryOptions {
    readonly lan?: boolean | LanWish;
    readonly registry?: boolean;
    readonly store?: AddressStore;
}
interface LanWish {
    readonly interfaces?: readonly string[];
    readonly startLan?: (options: LanOptions) => Lan;
}
interface AddressStore {
    load(): Promise<Uint8Array | undefined>;
    save(sealed: Uint8Array): Promise<void>;
}
interface PeerEvent {
    readonly type: "appeared" | "disappeared";
    readonly id: Uint8Array;
    readonly seenAt: readonly string[];
    readonly metadata: Value | undefined;
}
interface DatedSeed {
    readonly seed: Seed;
    readonly notAfter: Date | number;
}
interface RelayState {
    readonly url: string;
    readonly state: "listening" | "connecting" | "spare";
    readonly problem: string | undefined;
}
interface DrainOptions {
    readonly deadline?: number;
    readonly signal?: AbortSignal;
}
interface AnyNode<S extends Stream = Stream> {
    readonly id: Uint8Array<ArrayBuffer>;
    readonly addresses: readonly string[];
    readonly relays: readonly RelayState[];
    readonly lan: readonly LanState[];
    readonly liveSessions: readonly Session<S>[];
    connect(options?: DialOptions): Promise<Session<S>>;
    connect(address: string | readonly string[], options?: DialOptions): Promise<Session<S>>;
    peers(): AsyncIterable<PeerEvent>;
    sessions(): AsyncIterable<Session<S>>;
    onSession(handler: (session: Session<S>) => unknown): () => void;
    drain(options?: DrainOptions): Promise<void>;
    setSeeds(seeds: readonly (Seed | DatedSeed)[]): void;
    revoke(id: NodeId): Promise<void>;
    getStatistics(): NodeStatistics;
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}
interface MetadataTypes {
    readonly string: string;
    readonly number: number;
    readonly bigint: bigint;
    readonly boolean: boolean;
    readonly bytes: Uint8Array;
    readonly list: readonly Value[];
    readonly dictionary: {
        readonly [key: string]: Value;
    };
}
declare function metadataField<K extends keyof MetadataTypes>(from: {
    readonly metadata: Value | undefined;
}, name: string, type: K): MetadataTypes[K] | undefined;
interface CommonOptions {
    readonly seed?: Seed;
    readonly seeds?: readonly (Seed | DatedSeed)[];
    readonly identity?: Identity;
    readonly provider?: CryptoProvider;
    readonly listen?: readonly string[];
    readonly relays?: readonly string[];
    readonly plainRelays?: boolean;
    readonly discovery?: DiscoveryOptions;
    readonly peers?: Peers;
    readonly authorize?: Authorize;
    readonly requireHybrid?: boolean;
    readonly metadata?: Value;
    readonly keepAlive?: number | false;
    readonly limits?: Partial<NodeLimits>;
    readonly paths?: PathOptions;
}
export { type AnyNode as A, type CommonOptions as C, type DatedSeed as D, type IncomingPeer as I, type Lan as L, type MetadataTypes as M, type NodeId as N, type OpenStreamOptions as O, type PathCandidate as P, type ReadAllOptions as R, type Session as S, type WriteOptions as W, type AddressStore as a, type Authorize as b, type CloseOptions as c, type DialOptions as d, type DiscoveryOptions as e, type DrainOptions as f, type LanOptions as g, type LanState as h, type LanWish as i, type NodeLimits as j, type NodeStatistics as k, type PathChange as l, type PathOptions as m, type Peer as n, type PeerEvent as o, type Peers as p, type PingOptions as q, type ReadOptions as r, type RelayState as s, type SessionPath as t, type SessionState as u, type SessionStatistics as v, type Stream as w, metadataField as x };
