// ./dist/index.d.ts
import { PathStatistics, Link, Output, Candidate, TransportLimits, FrameSource } from "@stt/frame";
import { CryptoProvider, Entropy } from "@stt/crypto";
import { SttError } from "@stt/errors";
interface KeyUpdateLimits {
    readonly packets: number;
    readonly bytes: number;
    readonly age: number;
}
interface CloseRequest {
    readonly app: boolean;
    readonly code: number;
    readonly reason: string;
    readonly deadline: number;
    readonly isWritten?: () => boolean;
}
type SessionState = "handshaking" | "active" | "closing" | "draining" | "closed";
type DropReason = "malformed" | "duplicate" | "epoch" | "tag" | "closed";
interface SessionStatistics {
    readonly state: SessionState;
    readonly sendEpoch: number;
    readonly receiveEpoch: number;
    readonly packetsSent: number;
    readonly packetsReceived: number;
    readonly bytesSent: number;
    readonly bytesReceived: number;
    readonly framesSent: number;
    readonly framesReceived: number;
    readonly framesResent: number;
    readonly packetsDropped: Readonly<Record<DropReason, number>>;
    readonly packetsOutstanding: number;
    readonly packetsLost: number;
    readonly rtt: number;
    readonly datagramsQueued: number;
    readonly datagramsExpired: number;
    readonly datagramsDropped: number;
    readonly path: PathStatistics | undefined;
}
interface PacketObserver {
    onPacketSent?(packetNumber: number, size: number, now: number): void;
    onPacketReceived?(packetNumber: number, size: number, now: number): void;
    onPacketDropped?(reason: DropReason, size: number, now: number): void;
    onPacketsAcknowledged?(packets: readonly {
        readonly packetNumber: number;
    }[], now: number): void;
    onPacketLost?(packetNumber: number, now: number): void;
}
declare const Tier: {
    readonly Lan: 0;
    readonly Datagram: 1;
    readonly Message: 2;
    readonly Relayed: 3;
};
type PathState = "validating" | "standby" | "active" | "suspect" | "draining";
interface PathInfo {
    readonly link: Link;
    readonly tier: number;
    readonly state: PathState;
    readonly rtt: number;
}
interface CloseReason {
    readonly by: "local" | "peer" | "silence" | "violation" | "reset" | "link" | "fault";
    readonly code: number;
    readonly app: boolean;
    readonly reason: string;
    readonly error: SttError;
}
type MoveReason = "closed" | "silent" | "better" | "followed" | "rebound" | "asked";
type DatagramOutcome = "acknowledged" | "lost" | "expired";
type SessionEvent = {
    readonly type: "confirmed" | "dormant" | "close-expired" | "closed";
} | {
    readonly type: "epoch";
    readonly epoch: number;
} | {
    readonly type: "pong";
    readonly ping: number;
    readonly rtt: number;
} | {
    readonly type: "datagram";
    readonly data: Uint8Array<ArrayBuffer>;
} | {
    readonly type: "datagram-settled";
    readonly datagram: number;
    readonly outcome: DatagramOutcome;
} | {
    readonly type: "path-opened" | "path-validated" | "path-closed";
    readonly link: Link;
} | {
    readonly type: "path-changed";
    readonly link: Link;
    readonly from: Link | undefined;
    readonly reason: MoveReason;
} | {
    readonly type: "path-wanted";
    readonly anew: boolean;
} | {
    readonly type: "addresses" | "punch";
    readonly candidates: readonly Candidate[];
} | {
    readonly type: "observed";
    readonly candidate: Candidate;
} | {
    readonly type: "punch-over";
    readonly answered: number;
} | {
    readonly type: "link-failed";
    readonly link: Link;
    readonly error: SttError;
} | {
    readonly type: "ended";
    readonly reason: CloseReason;
};
type SessionOutput = Output<SessionEvent, Link>;
interface PunchTarget {
    readonly link: Link;
    readonly opener?: Link | undefined;
    readonly tier: number;
}
interface Punching {
    tellAddresses(candidates: readonly Candidate[]): void;
    tellObserved(candidate: Candidate): void;
    begin(candidates: readonly Candidate[], targets: readonly PunchTarget[], allowStranger: () => boolean, now: number): void;
    answer(targets: readonly PunchTarget[], allowStranger: () => boolean, now: number): void;
}
declare class PunchingPlugin {
    #private;
}
declare const punchHoles: PunchingPlugin;
declare function resetToken(provider: CryptoProvider, resetKey: Uint8Array, connectionId: Uint8Array): Uint8Array<ArrayBuffer>;
interface SessionSecrets {
    readonly send: Uint8Array;
    readonly receive: Uint8Array;
    readonly exporter: Uint8Array;
}
interface SessionConfig {
    readonly role: "initiator" | "responder";
    readonly id: Uint8Array;
    readonly localCid: Uint8Array;
    readonly remoteCid: Uint8Array;
    readonly peerId: Uint8Array;
    readonly secrets: SessionSecrets;
    readonly localLimits: TransportLimits;
    readonly peerLimits: TransportLimits;
    readonly source: FrameSource;
    readonly entropy?: Entropy;
    readonly resetToken?: Uint8Array;
    readonly provider?: CryptoProvider;
    readonly observer?: PacketObserver;
    readonly now: number;
    readonly tierOf?: (link: Link) => number;
    readonly follow?: object;
    readonly punching?: PunchingPlugin;
    readonly options?: SessionOptions;
    readonly onClosed?: () => void;
}
interface SessionOptions {
    readonly keepAlive?: number | false;
    readonly detachedTimeout?: number;
    readonly dormantTimeout?: number;
    readonly keyUpdate?: Partial<KeyUpdateLimits>;
    readonly datagramQueue?: number;
    readonly maxPacketNumber?: number;
    readonly maxFailures?: number;
}
declare class SessionEngine {
    #private;
    readonly id: Uint8Array<ArrayBuffer>;
    readonly role: "initiator" | "responder";
    readonly localCid: Uint8Array<ArrayBuffer>;
    readonly remoteCid: Uint8Array<ArrayBuffer>;
    readonly peerId: Uint8Array<ArrayBuffer>;
    readonly idleTimeout: number;
    constructor(config: SessionConfig);
    get state(): SessionState;
    get link(): Link | undefined;
    attach(link: Link, tier?: number): void;
    addPath(link: Link, tier: number | undefined, now: number): void;
    moveTo(link: Link, now: number): void;
    get punching(): Punching | undefined;
    get links(): readonly Link[];
    getPaths(): readonly PathInfo[];
    get needsPath(): boolean;
    get isDormant(): boolean;
    onUnreachable(link: Link, now: number): void;
    onNetworkChange(now: number): void;
    detach(link: Link, cause: Error | undefined, now: number): void;
    onStall(now: number): void;
    setWritable(link: Link, writable: boolean): void;
    receive(packet: Uint8Array, link: Link, now: number): boolean;
    poll(now: number): SessionOutput;
    onTime(now: number): void;
    fail(error: unknown, now: number): void;
    rotateKeys(): void;
    ping(): number;
    get maxDatagramSize(): number;
    sendDatagram(datagram: Uint8Array): number;
    exportKey(label: string, length: number): Uint8Array<ArrayBuffer>;
    close(request: CloseRequest, now: number): void;
    get bytesHeld(): number;
    discard(): void;
    get lastReceivedAt(): number;
    endAsSilent(now: number): void;
    isExpired(now: number): boolean;
    recordSentBytes(length: number): void;
    recordReceivedBytes(length: number): void;
    getStatistics(): SessionStatistics;
}
interface SessionManagerConfig {
    readonly clock: () => number;
    readonly wake: (session: SessionEngine) => void;
    readonly isHandshake?: (packet: Uint8Array) => boolean;
    readonly maxSessions?: number;
}
interface SessionManagerStatistics {
    readonly sessions: number;
    readonly byState: Readonly<Record<SessionState, number>>;
    readonly created: number;
    readonly bytesSent: number;
    readonly bytesReceived: number;
    readonly packetsSent: number;
    readonly packetsReceived: number;
    readonly packetsLost: number;
}
declare class SessionManager {
    #private;
    constructor(config: SessionManagerConfig);
    create(config: Omit<SessionConfig, "now" | "onClosed">): SessionEngine;
    route(packet: Uint8Array): SessionEngine | "handshake" | "stray";
    hasConnectionId(id: Uint8Array): boolean;
    get(id: Uint8Array): SessionEngine | undefined;
    has(id: Uint8Array): boolean;
    findByPeer(peerId: Uint8Array): readonly SessionEngine[];
    list(): readonly SessionEngine[];
    close(id: Uint8Array, request?: CloseRequest): Promise<boolean>;
    closeAll(request?: CloseRequest): Promise<void>;
    rotateAllKeys(): number;
    expire(now: number): number;
    getStatistics(): SessionManagerStatistics;
}
export { type CloseReason, type CloseRequest, type DatagramOutcome, type DropReason, type KeyUpdateLimits, type MoveReason, type PacketObserver, type PathInfo, type PathState, type PunchTarget, type Punching, type PunchingPlugin, type SessionConfig, SessionEngine, type SessionEvent, SessionManager, type SessionManagerConfig, type SessionManagerStatistics, type SessionOptions, type SessionOutput, type SessionSecrets, type SessionState, type SessionStatistics, Tier, punchHoles, resetToken };

// ./dist/listen.d.ts
import { CryptoProvider, Entropy } from "@stt/crypto";
interface StatelessResetsConfig {
    readonly provider: CryptoProvider;
    readonly entropy: Entropy;
    readonly resetKey: Uint8Array;
}
declare class StatelessResets {
    #private;
    constructor(config: StatelessResetsConfig);
    answer(datagram: Uint8Array, from: string, now: number): Uint8Array<ArrayBuffer> | undefined;
}
declare const followPeer: object;
export { StatelessResets, type StatelessResetsConfig, followPeer };
