// ./dist/index.browser.d.ts
export { Identity, Seed, fromHex, toHex } from "@stt/crypto";
export { SttError, type SttErrorCode, isSttError } from "@stt/errors";
export { MemoryTrustStore, type TrustStore } from "@stt/handshake";
export { type CloseReason, type DatagramOutcome, type MoveReason, type PathState } from "@stt/session";
import { N as NodeCore, C as CommonOptions } from "./metadata-field.js";
export { type A as AddressStore, type a as Applicant, type b as Authorize, type c as CloseOptions, type D as DatedSeed, type d as DialOptions, type e as DiscoveryOptions, type f as DrainOptions, type L as Lan, type g as LanOptions, type h as LanState, type i as LanWish, type M as MetadataTypes, type j as NodeId, type k as NodeLimits, type l as NodeStatistics, type O as OpenStreamOptions, type P as PathCandidate, type m as PathChange, type n as PathOptions, type o as Peer, type p as PeerEvent, type q as Peers, type r as PingOptions, type R as ReadAllOptions, type s as ReadOptions, type t as RelayState, type S as Session, type u as SessionPath, type v as SessionState, type w as SessionStatistics, type x as Stream, type W as WriteOptions, y as metadataField } from "./metadata-field.js";
import "@stt/serialize";
import "@stt/frame";
import "@stt/stream";
import "@stt/rendezvous";
declare class STTNode extends NodeCore {
    static create(options: CommonOptions): Promise<STTNode>;
}
export { type CommonOptions as NodeOptions, STTNode };

// ./dist/index.d.ts
export { Identity, Seed, fromHex, toHex } from "@stt/crypto";
export { SttError, type SttErrorCode, isSttError } from "@stt/errors";
import { TrustStore } from "@stt/handshake";
export { MemoryTrustStore, type TrustStore } from "@stt/handshake";
export { type CloseReason, type DatagramOutcome, type MoveReason, type PathState } from "@stt/session";
import { A as AddressStore, C as CommonOptions, x as Stream, z as StreamOwner, B as StreamHandle, S as Session, N as NodeCore } from "./metadata-field.js";
export { type a as Applicant, type b as Authorize, type c as CloseOptions, type D as DatedSeed, type d as DialOptions, type e as DiscoveryOptions, type f as DrainOptions, type L as Lan, type g as LanOptions, type h as LanState, type i as LanWish, type M as MetadataTypes, type j as NodeId, type k as NodeLimits, type l as NodeStatistics, type O as OpenStreamOptions, type P as PathCandidate, type m as PathChange, type n as PathOptions, type o as Peer, type p as PeerEvent, type q as Peers, type r as PingOptions, type R as ReadAllOptions, type s as ReadOptions, type t as RelayState, type u as SessionPath, type v as SessionState, type w as SessionStatistics, type W as WriteOptions, y as metadataField } from "./metadata-field.js";
import { ListenWebSocketOptions, DialWebSocketOptions } from "@stt/transport-ws";
import { Duplex } from "node:stream";
import { StreamEngine } from "@stt/stream";
import "@stt/serialize";
import "@stt/frame";
import "@stt/rendezvous";
declare class FileAddressStore implements AddressStore {
    #private;
    constructor(path: string);
    load(): Promise<Uint8Array | undefined>;
    save(sealed: Uint8Array): Promise<void>;
}
declare class FileTrustStore implements TrustStore {
    #private;
    constructor(path: string);
    list(name: string): Promise<readonly Uint8Array<ArrayBuffer>[]>;
    admit(name: string, id: Uint8Array, max: number): Promise<boolean>;
    revoke(id: Uint8Array): Promise<void>;
    revoked(): Promise<readonly Uint8Array<ArrayBuffer>[]>;
}
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
interface ToDuplexOptions {
    readonly highWaterMark?: number;
}
type NodeSession = Session<NodeStream>;
declare class NodeStream extends Stream {
    #private;
    static create(engine: StreamEngine, session: StreamOwner): StreamHandle<NodeStream>;
    toDuplex(options?: ToDuplexOptions): Duplex;
}
declare class STTNode extends NodeCore<NodeStream> {
    static create(options: NodeOptions): Promise<STTNode>;
}
export { type AddressStore, FileAddressStore, FileTrustStore, type NodeOptions, type QlogOption, type QlogSession, type QlogSink, STTNode, type NodeSession as Session, type NodeStream as Stream, type ToDuplexOptions };

// ./dist/metadata-field.d.ts
import { Entropy, Identity, CryptoProvider, Seed } from "@stt/crypto";
import { Value } from "@stt/serialize";
import { ManagerDropReason, PeerPolicy, Peers as Peers$1, Decision, HandshakeRun, VerifiedPeer, HelloPlugin, HandshakeManagerConfig, Origin, HandshakeResult, HelloLimit, DialOptions as DialOptions$1, HandshakeStatistics } from "@stt/handshake";
import { SessionEngine, SessionEvent, PathInfo, PacketObserver, CloseReason, PathState, MoveReason, SessionState as SessionState$1, DatagramOutcome, SessionStatistics as SessionStatistics$1, SessionManager, CreatePunching } from "@stt/session";
import { Link, Candidate, ProtocolError, TransportLimits } from "@stt/frame";
import { StreamManager, StreamEvent, StreamEngine, StreamStatistics, StreamManagerStatistics } from "@stt/stream";
import { Mapping } from "@stt/rendezvous";
import { SttError } from "@stt/errors";
type Scheme = "udp" | "ws" | "wss" | "relay";
interface Address {
    readonly scheme: Scheme;
    readonly host: string;
    readonly port: number;
    readonly path: string;
    readonly name?: string;
    readonly relay?: RelayTarget;
}
interface RelayTarget {
    readonly url: string;
    readonly peer: Uint8Array<ArrayBuffer>;
}
interface DialedLink {
    readonly link: Link;
    readonly localAddress?: string | undefined;
}
interface Dialer {
    readonly resolve?: ((host: string, onMore: (ips: readonly string[]) => void, address: Address) => Promise<readonly string[]>) | undefined;
    openLink(text: string, address: Address, signal: AbortSignal | undefined): Promise<DialedLink>;
    tierOf(address: Address): number;
}
interface Clock {
    now(): number;
    setTimer(callback: () => void, delay: number): unknown;
    clearTimer(handle: unknown): void;
    afterReads(callback: () => void): void;
}
declare class Guard {
    #private;
    constructor(warn: (error: Error) => void);
    get faults(): number;
    report(cause: unknown): void;
    wrap<A = void, B = void>(callback: (a: A, b: B) => void, onFault?: (cause: unknown) => void): (a: A, b: B) => void;
}
interface NetworkChange {
    readonly addressesChanged: boolean;
}
type WatchNetwork = (onChange: (change: NetworkChange) => void) => () => void;
interface NetworkWatchConfig {
    readonly clock: Pick<Clock, "now" | "setTimer" | "clearTimer">;
    readonly guard: Guard;
    readonly watchPlatform: WatchNetwork | undefined;
}
declare class NetworkWatch {
    #private;
    constructor(config: NetworkWatchConfig);
    watch(onChange: (change: NetworkChange) => void): () => void;
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
type CheckedPaths = Required<PathOptions>;
interface SessionHandler {
    onEvent(event: SessionEvent): void;
    onStreamEvent(event: StreamEvent): void;
    onLinkTaken(link: Link): void;
    onLinkEnded(link: Link, cause: Error | undefined): void;
    onFault(error: unknown): void;
    onDrained(): void;
}
declare class SessionDriver {
    #private;
    readonly engine: SessionEngine;
    readonly streams: StreamManager;
    constructor(engine: SessionEngine, streams: StreamManager, clock: Clock, streamIdle: number, handler: SessionHandler);
    attach(link: Link, tier?: number): void;
    get isOverdue(): boolean;
    get needsPath(): boolean;
    get paths(): readonly PathInfo[];
    takeIn(link: Link, tier?: number): void;
    leave(link: Link, cause?: Error): void;
    letGo(link: Link): void;
    endAsSilent(): void;
    onNetworkChange(): void;
    receive(packet: Uint8Array, link: Link): boolean;
    schedule(): void;
    stop(): void;
}
interface OwnAddress {
    readonly interfaceName: string;
    readonly address: string;
    readonly ip: Uint8Array<ArrayBuffer>;
    readonly prefixLength: number;
    readonly isTunnel: boolean;
}
interface UsableCandidate extends Candidate {
    readonly isNear: boolean;
}
declare class PunchBudget {
    #private;
    take(peer: string, targets: readonly UsableCandidate[], now: number): readonly UsableCandidate[];
    admit(now: number): boolean;
    answered(address: string): void;
}
interface UdpEndpoint {
    readonly address: string;
    readonly port: number;
}
interface PunchSocket {
    readonly port: number;
    onPacket: (packet: Uint8Array, link: Link) => void;
    link(to: {
        readonly address: string;
        readonly port: number;
    }): Link;
    opener(to: {
        readonly address: string;
        readonly port: number;
    }): Link;
    close(): Promise<void>;
}
interface PunchSocketSetConfig {
    readonly clock: Clock;
    readonly entropy: Entropy;
    readonly guard: Guard;
    readonly openSocket: (family: 4 | 6) => Promise<PunchSocket>;
    readonly ownAddresses: () => readonly OwnAddress[];
    readonly endpoints: () => Promise<readonly UdpEndpoint[]>;
    readonly onPacket: (packet: Uint8Array, link: Link) => void;
}
declare class PunchSocketSet {
    #private;
    constructor(config: PunchSocketSetConfig);
    get mapping(): Mapping;
    linksTo(to: {
        readonly address: string;
        readonly port: number;
    }): {
        link: Link;
        opener: Link;
    } | undefined;
    candidates(): Promise<readonly Candidate[]>;
    forgetObserved(): void;
    close(): Promise<void>;
}
declare class PunchSockets {
    #private;
    readonly shared: PunchSocketSet;
    constructor(config: PunchSocketSetConfig);
    use(): () => void;
    openAdditional(): PunchSocketSet | undefined;
    closeAdditional(set: PunchSocketSet): void;
    close(): Promise<void>;
}
type ShareAddresses = "all" | "public" | "none";
interface SessionPuncherConfig extends Pick<PunchSocketSetConfig, "clock" | "entropy" | "guard" | "ownAddresses"> {
    readonly driver: SessionDriver;
    readonly network: Pick<NetworkWatch, "watch">;
    readonly sockets: PunchSockets;
    readonly budget: PunchBudget;
    readonly share: ShareAddresses;
    readonly warn: (error: Error) => void;
    readonly allows: (candidate: PathCandidate) => boolean;
    readonly tierOf: (address: string) => number;
    readonly onOver?: ((round: PunchRound) => void) | undefined;
}
interface PunchRound {
    readonly answered: number;
    readonly takesNewPorts: boolean;
    readonly peerTakesNewPorts: boolean;
}
declare class SessionPuncher {
    #private;
    constructor(config: SessionPuncherConfig);
    onEvent(event: SessionEvent): void;
    onMoved(): void;
    stop(): void;
}
interface ObservedSession {
    readonly id: Uint8Array;
    readonly peerId: Uint8Array;
    readonly role: "initiator" | "responder";
    readonly address: string;
    readonly localCid: Uint8Array;
    readonly remoteCid: Uint8Array;
    readonly metrics: () => SessionMetrics;
}
interface SessionMetrics {
    readonly rtt: number;
    readonly minRtt?: number | undefined;
    readonly congestionWindow?: number | undefined;
    readonly bytesInFlight?: number | undefined;
    readonly packetsInFlight: number;
}
interface SessionWatcher extends PacketObserver {
    onEpoch(epoch: number, now: number): void;
    onPath(from: string, to: string, now: number): void;
    onPunched(round: PunchRound): void;
    onLinkEnded(address: string, cause: Error | undefined, now: number): void;
    onEnded(reason: CloseReason, now: number): void;
}
interface NodeWatcher {
    onListening(address: string): void;
    onHandshakeDropped(address: string, reason: ManagerDropReason, size: number): void;
    onHandshakeRefused(address: string, peerId: Uint8Array, verdict: "refuse" | "busy"): void;
    onDialFailed(address: string, error: unknown): void;
    onStrayPacket(address: string, size: number, answered: boolean): void;
    onSession(session: ObservedSession, now: number): SessionWatcher | undefined;
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
interface HeldMemory {
    readonly engine: Pick<SessionEngine, "bytesHeld">;
    readonly streams: Pick<StreamManager, "heldBytes" | "mayGrow" | "size">;
    readonly datagramBytes: () => number;
    end(): void;
}
declare class MemoryBudget {
    #private;
    constructor(limit: number);
    get held(): number;
    get isFull(): boolean;
    add(session: HeldMemory): void;
    count(session: HeldMemory): void;
    release(session: HeldMemory): void;
}
type SessionLimit = "sessions" | "sessionsPerPeer" | "sessionsPerPrefix" | "memory";
declare class SessionPlaces {
    #private;
    constructor(limits: Pick<NodeLimits, "sessionsPerPeer" | "sessionsPerPrefix">);
    isPeerFull(id: Uint8Array): boolean;
    isPrefixFull(address: string): boolean;
    take(id: Uint8Array, address: string): () => void;
}
interface AdmissionConfig {
    readonly peers: Peers$1 | undefined;
    readonly limits: NodeLimits;
    readonly memory: Pick<MemoryBudget, "isFull">;
    readonly residents: {
        readonly occupied: number;
    };
    readonly places: SessionPlaces | undefined;
    readonly givesWay: (id: Uint8Array) => boolean;
    readonly warn: (error: Error) => void;
}
declare class Admission {
    #private;
    readonly policy: PeerPolicy;
    constructor(config: AdmissionConfig);
    get state(): "open" | "draining" | "closed";
    get limited(): Readonly<Record<SessionLimit, number>>;
    drain(): void;
    close(): void;
    verdictOn(id: Uint8Array, address: string): Decision;
    refusesDial(): SttError | undefined;
    refusesDialed(id: Uint8Array, address: string): SttError | undefined;
    isPeerFull(id: Uint8Array): boolean;
    takePlace(id: Uint8Array, address: string): () => void;
    count(limit: SessionLimit): void;
}
interface PuncherConfig extends PunchSocketSetConfig, Pick<SessionPuncherConfig, "share" | "allows" | "warn" | "tierOf" | "network"> {
}
declare class Puncher {
    #private;
    constructor(config: PuncherConfig);
    watch(driver: SessionDriver, onOver: SessionPuncherConfig["onOver"]): SessionPuncher;
    close(): Promise<void>;
}
interface Dialed {
    readonly addresses: readonly string[];
    readonly text: string;
    readonly host: string;
}
interface PathKeeperConfig extends Dialed {
    readonly clock: Clock;
    readonly entropy: Entropy;
    readonly guard: Guard;
    readonly network: Pick<NetworkWatch, "watch">;
    readonly dialer: Dialer;
    readonly link: Link;
    readonly standby: number;
    readonly session: {
        readonly needsPath: boolean;
        readonly paths: readonly PathInfo[];
        takeIn(link: Link, tier: number): void;
        letGo(link: Link): void;
        onNetworkChange(): void;
    };
}
declare class PathKeeper {
    #private;
    constructor(config: PathKeeperConfig);
    onMoved(): void;
    onWanted(anew: boolean): void;
    takeOver(link: Link, { text, host }: Dialed): boolean;
    onGone(link: Link): void;
    stop(): void;
}
interface StreamOwner {
    readonly clock: Clock;
    violation(error: ProtocolError): void;
    onPending(pending: boolean): void;
}
type OnOver = (failure: unknown) => void;
declare class StreamReader {
    #private;
    constructor(engine: StreamEngine, owner: StreamOwner);
    wake(): void;
    whenOver(onOver: OnOver): void;
    get missing(): SttError | undefined;
    get cut(): SttError | undefined;
    stop(code: number): void;
    chunks(): AsyncIterableIterator<Uint8Array<ArrayBuffer>, undefined>;
    messages(): AsyncIterableIterator<Uint8Array<ArrayBuffer>, undefined>;
    readExactly(length: number, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>>;
    readAll(maxBytes: number, signal: AbortSignal | undefined): Promise<Uint8Array<ArrayBuffer>>;
}
interface WriteOptions {
    readonly signal?: AbortSignal;
}
interface ReadOptions {
    readonly signal?: AbortSignal;
}
interface ReadAllOptions extends ReadOptions {
    readonly maxBytes: number;
}
interface StreamHandle<S extends Stream = Stream> {
    readonly stream: S;
    readonly handle: (event: StreamEvent) => void;
}
interface Halves {
    readonly isReadable: boolean;
    readonly isWritable: boolean;
    readonly reader: StreamReader;
}
declare class Stream implements AsyncIterable<Uint8Array<ArrayBuffer>> {
    #private;
    protected constructor(engine: StreamEngine, session: StreamOwner);
    static create(engine: StreamEngine, session: StreamOwner): StreamHandle;
    protected static handleOf<S extends Stream>(stream: S): StreamHandle<S>;
    protected static halvesOf(stream: Stream): Halves;
    static giveUp(stream: Stream, code: number): void;
    static take(stream: Stream): void;
    static isBroken(stream: Stream): boolean;
    get id(): number;
    get unidirectional(): boolean;
    write(bytes: Uint8Array | ArrayBufferView | ArrayBufferLike, options?: WriteOptions): Promise<void>;
    writeMessage(message: Uint8Array | ArrayBufferView | ArrayBufferLike, options?: WriteOptions): Promise<void>;
    end(options?: WriteOptions): Promise<void>;
    reset(code?: number): void;
    stop(code?: number): void;
    get delivered(): Promise<void>;
    [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array<ArrayBuffer>, undefined>;
    messages(): AsyncIterable<Uint8Array<ArrayBuffer>>;
    readExactly(length: number, options?: ReadOptions): Promise<Uint8Array<ArrayBuffer>>;
    readAll(options: ReadAllOptions): Promise<Uint8Array<ArrayBuffer>>;
    get readable(): ReadableStream<Uint8Array<ArrayBuffer>>;
    get writable(): WritableStream<Uint8Array>;
    getStatistics(): StreamStatistics;
    [Symbol.asyncDispose](): Promise<void>;
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
type SessionState = Exclude<SessionState$1, "handshaking">;
interface Peer {
    readonly id: Uint8Array<ArrayBuffer>;
    readonly address: string;
    readonly seed: number;
    readonly metadata: Value | undefined;
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
interface SessionHandle<S extends Stream = Stream> {
    readonly session: Session<S>;
    readonly driver: SessionDriver;
    readonly takeOver: (link: Link, dialed: Dialed) => boolean;
    readonly discard: () => void;
    readonly hasUnread: () => boolean;
    readonly abortStreams: (error: Error) => void;
    readonly unreadDatagramBytes: () => number;
}
interface SessionSetup<S extends Stream = Stream> {
    readonly createStream: (engine: StreamEngine, owner: StreamOwner) => StreamHandle<S>;
    readonly engine: SessionEngine;
    readonly streams: StreamManager;
    readonly clock: Clock;
    readonly peer: Peer;
    readonly closeDeadline: number;
    readonly streamIdle: number;
    readonly onConfirmed: () => void;
    readonly onDrained: () => void;
    readonly onLinkTaken: (link: Link) => void;
    readonly keepPaths?: ((driver: SessionDriver) => PathKeeper) | undefined;
    readonly punch?: ((driver: SessionDriver) => SessionPuncher) | undefined;
    readonly onDormant: () => void;
    readonly onFault: (cause: unknown) => void;
    readonly onOver: () => void;
    readonly onClosed: () => void;
    readonly warn: (error: Error) => void;
    readonly watcher?: SessionWatcher | undefined;
}
declare class Session<S extends Stream = Stream> {
    #private;
    private constructor();
    static create<S extends Stream>(setup: SessionSetup<S>): SessionHandle<S>;
    get peer(): Peer;
    get id(): Uint8Array<ArrayBuffer>;
    get state(): SessionState;
    get closed(): Promise<CloseReason>;
    get path(): SessionPath | undefined;
    get paths(): readonly SessionPath[];
    onPath(handler: (change: PathChange) => unknown): () => void;
    openStream(options?: OpenStreamOptions): Promise<S>;
    openSendStream(options?: OpenStreamOptions): Promise<S>;
    streams(): AsyncIterable<S>;
    onStream(handler: (stream: S) => unknown): () => void;
    get maxDatagramSize(): number;
    sendDatagram(bytes: Uint8Array | ArrayBufferView | ArrayBufferLike): Promise<DatagramOutcome>;
    datagrams(): AsyncIterable<Uint8Array<ArrayBuffer>>;
    rotateKeys(): void;
    ping(options?: PingOptions): Promise<number>;
    exportKey(label: string, length: number): Uint8Array<ArrayBuffer>;
    getStatistics(): SessionStatistics;
    close(options?: CloseOptions): Promise<CloseReason>;
    [Symbol.asyncDispose](): Promise<void>;
}
interface StrayPacketsConfig {
    readonly identity: Identity;
    readonly provider: CryptoProvider;
    readonly entropy: Entropy;
}
declare class StrayPackets {
    #private;
    constructor({ identity, provider, entropy }: StrayPacketsConfig);
    get seen(): number;
    get answered(): number;
    answer(packet: Uint8Array, now: number, address: string): Uint8Array<ArrayBuffer> | undefined;
    dispose(): void;
}
interface Applicant {
    readonly id: Uint8Array<ArrayBuffer>;
    readonly address: string;
    readonly seed: number;
    readonly metadata: Value | undefined;
}
type Authorize = (applicant: Applicant) => boolean | Promise<boolean>;
interface JudgeConfig {
    readonly authorize: Authorize | undefined;
    readonly admission: Pick<Admission, "verdictOn" | "policy">;
    readonly warn: (error: Error) => void;
    readonly watcher?: NodeWatcher | undefined;
    readonly decide: (run: HandshakeRun, verdict: Decision) => void;
}
type Judge = (peer: VerifiedPeer, run: HandshakeRun) => Decision | undefined;
declare function sessionHandlerFailed(session: Pick<Session, "close" | "state">, cause: unknown, warn: (error: Error) => void): void;
interface Listening {
    readonly answerHellos: HelloPlugin;
    readonly createJudge: (config: JudgeConfig) => Judge;
    readonly createStrayPackets: (config: StrayPacketsConfig) => StrayPackets;
    readonly createSessionPlaces: (limits: NodeLimits) => SessionPlaces;
    readonly sessionHandlerFailed: typeof sessionHandlerFailed;
}
interface HandshakeOrigin extends Origin {
    party: HandshakeParty | undefined;
}
interface HandshakeParty {
    send(message: Uint8Array): void;
    onSession(result: HandshakeResult, run: HandshakeRun, packets: readonly Uint8Array[]): void;
    onFailed(error: SttError): void;
    onWaiting?(until: number): void;
    onOverloaded?(limit: HelloLimit): void;
}
interface HandshakesConfig extends Pick<JudgeConfig, "authorize" | "warn"> {
    readonly clock: Clock;
    readonly wallClock: () => number;
    readonly guard: Guard;
    readonly watcher: NodeWatcher | undefined;
    readonly manager: Omit<HandshakeManagerConfig<HandshakeOrigin>, "authorize" | "listen" | "pairwise">;
    readonly admission: Admission;
    readonly listening: Listening | undefined;
}
declare class Handshakes {
    #private;
    constructor(config: HandshakesConfig);
    hasRunOf(packet: Uint8Array): boolean;
    hasConnectionId(id: Uint8Array): boolean;
    receive(from: HandshakeOrigin, message: Uint8Array): boolean;
    dial(to: HandshakeOrigin, options: DialOptions$1): HandshakeRun;
    failureOf(run: HandshakeRun): SttError | undefined;
    cancel(run: HandshakeRun): void;
    confirm(run: HandshakeRun): void;
    linkClosed(link: HandshakeOrigin, cause: Error | undefined): void;
    setSeeds(seeds: HandshakeManagerConfig["seeds"]): void;
    getStatistics(): HandshakeStatistics;
    close(): void;
}
interface EndpointConfig {
    readonly clock: Clock;
    readonly handshakes: Handshakes;
    readonly strayPackets: StrayPackets | undefined;
    readonly watcher: NodeWatcher | undefined;
}
declare class Endpoint<S extends Stream = Stream> {
    #private;
    readonly sessions: SessionManager;
    constructor(config: EndpointConfig);
    get handles(): Iterable<SessionHandle<S>>;
    handlesOf(peerId: Uint8Array): SessionHandle<S>[];
    handleOf(session: SessionHandle<S>["session"]): SessionHandle<S> | undefined;
    get size(): number;
    add(session: SessionEngine, handle: SessionHandle<S>): void;
    remove(session: SessionEngine): void;
    receive(packet: Uint8Array, link: Link, originOf: (link: Link) => HandshakeOrigin, onReset?: () => void): boolean;
    deliver(packet: Uint8Array, link: Link): void;
    arrived(link: Link, settle: () => void): void;
    settle(link: Link): void;
}
interface NodeContext<S extends Stream = Stream> {
    readonly clock: Clock;
    readonly entropy: Entropy;
    readonly provider: CryptoProvider;
    readonly limits: NodeLimits;
    readonly transportLimits: TransportLimits;
    readonly metadata: Value | undefined;
    readonly keepAlive: number | false;
    readonly admission: Admission;
    readonly handshakes: Handshakes;
    readonly endpoint: Endpoint<S>;
    readonly watcher: NodeWatcher | undefined;
    readonly memory: MemoryBudget;
    readonly network: NetworkWatch;
    readonly dialer: Dialer;
    readonly paths: CheckedPaths;
    readonly punching: {
        readonly createPunching: CreatePunching;
        readonly puncher: Puncher;
    } | undefined;
    readonly guard: Guard;
    readonly open: (result: HandshakeResult, run: HandshakeRun, link: Link, packets: readonly Uint8Array[], dialed?: Dialed) => SessionHandle<S>;
    handOver(link: Link, dialed: Dialed, winner: Session<S>): boolean;
    announce(handle: SessionHandle<S>): void;
    readonly createStream: (engine: StreamEngine, owner: StreamOwner) => StreamHandle<S>;
    readonly warn: (error: Error) => void;
}
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
type LoadLan = () => Promise<(options: LanOptions) => Lan>;
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
interface RelayState {
    readonly url: string;
    readonly state: "listening" | "connecting" | "spare";
    readonly problem: string | undefined;
}
interface Door {
    readonly address: string;
    close(): Promise<void>;
}
interface PunchingPlatform {
    readonly createPunching: CreatePunching;
    readonly createPuncher: (config: Omit<PuncherConfig, "openSocket" | "ownAddresses">) => Puncher;
}
interface RelayDial {
    readonly subprotocol: string;
    readonly remote: string;
    readonly host?: string;
    readonly signal?: AbortSignal | undefined;
}
interface OriginFacts {
    readonly prefixOf?: ((address: string) => string) | undefined;
    readonly patience?: number | undefined;
    readonly onSettled?: (() => void) | undefined;
}
interface Environment<S extends Stream = Stream> extends Pick<Dialer, "resolve" | "openLink"> {
    readonly clock: Clock;
    readonly entropy: Entropy;
    readonly wallClock: () => number;
    readonly listening: Listening | undefined;
    openDoor(text: string, address: Address, context: NodeContext): Promise<Door>;
    readonly acceptLink?: ((link: Link, context: NodeContext, facts: OriginFacts) => void) | undefined;
    readonly punching?: PunchingPlatform | undefined;
    readonly loadLan?: LoadLan | undefined;
    readonly openRelay?: ((url: string, options: RelayDial) => Promise<Link>) | undefined;
    readonly tierOf?: ((address: Address) => number) | undefined;
    readonly createStream: (engine: StreamEngine, owner: StreamOwner) => StreamHandle<S>;
    readonly watchNetwork?: WatchNetwork | undefined;
    readonly whenLeft?: ((leave: () => void) => () => void) | undefined;
    warn(error: Error): void;
    readonly watch?: (id: Uint8Array, warn: (error: Error) => void) => NodeWatcher;
}
interface NodeStatistics extends Omit<HandshakeStatistics, "dropped">, Readonly<HandshakeStatistics["dropped"]> {
    readonly sessions: number;
    readonly sessionsOpened: number;
    readonly memoryHeld: number;
    readonly limited: Readonly<Record<SessionLimit, number>>;
    readonly faults: number;
    readonly sessionsUntaken: number;
    readonly strayPackets: number;
    readonly statelessResets: number;
    readonly cryptography: Readonly<Record<string, 1>>;
}
interface DrainOptions {
    readonly deadline?: number;
    readonly signal?: AbortSignal;
}
declare class NodeCore<S extends Stream = Stream> {
    #private;
    protected constructor(options: CommonOptions, environment: Environment<S>);
    protected listen(): Promise<this>;
    get id(): Uint8Array<ArrayBuffer>;
    get addresses(): readonly string[];
    get relays(): readonly RelayState[];
    get lan(): readonly LanState[];
    get liveSessions(): readonly Session<S>[];
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
export { type AddressStore as A, type StreamHandle as B, type CommonOptions as C, type DatedSeed as D, type Lan as L, type MetadataTypes as M, NodeCore as N, type OpenStreamOptions as O, type PathCandidate as P, type ReadAllOptions as R, Session as S, type WriteOptions as W, type Applicant as a, type Authorize as b, type CloseOptions as c, type DialOptions as d, type DiscoveryOptions as e, type DrainOptions as f, type LanOptions as g, type LanState as h, type LanWish as i, type NodeId as j, type NodeLimits as k, type NodeStatistics as l, type PathChange as m, type PathOptions as n, type Peer as o, type PeerEvent as p, type Peers as q, type PingOptions as r, type ReadOptions as s, type RelayState as t, type SessionPath as u, type SessionState as v, type SessionStatistics as w, Stream as x, metadataField as y, type StreamOwner as z };
