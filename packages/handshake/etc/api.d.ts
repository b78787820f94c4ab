// ./dist/index.d.ts
import { D as DropReason, I as InitiatorConfig, V as VerifiedPeer, H as HandshakeResult, b as HandshakeConfig, a as HelloPlugin } from "./result.js";
export { F as FinalStatus, type R as ResponderConfig, type S as SessionSecrets, type c as Suite } from "./result.js";
import { SeedKeys } from "@stt/crypto";
import { SttError } from "@stt/errors";
import { Output } from "@stt/frame";
export { M as MemoryTrustStore, type P as PeerPolicy, type a as Peers, type T as TrustStore, o as openPolicy } from "./open-policy.js";
import "@stt/serialize";
declare function isHandshake(bytes: Uint8Array): boolean;
declare class Initiator {
    #private;
    lastDrop: DropReason | undefined;
    constructor(config: InitiatorConfig);
    get localCid(): Uint8Array;
    get peer(): VerifiedPeer | undefined;
    get proofMessages(): readonly Uint8Array<ArrayBuffer>[];
    createHello(now: number): Uint8Array<ArrayBuffer>;
    processResponse(bytes: Uint8Array, now: number): Uint8Array<ArrayBuffer> | undefined;
    processFinal(bytes: Uint8Array, now: number): HandshakeResult | undefined;
    dispose(): void;
}
interface RateLimit {
    readonly rate: number;
    readonly burst: number;
}
interface LoadLimits {
    readonly pending: number;
    readonly hellos: RateLimit;
    readonly prefix: RateLimit;
    readonly waiting: number;
}
type HelloLimit = "prefix" | "pending";
interface Origin {
    readonly lossy: boolean;
    readonly proved: boolean;
    readonly label: string;
    readonly prefix: string;
    readonly patience?: number | undefined;
}
type ManagerDropReason = DropReason | "replayed" | "rateLimited" | "tableFull" | "unknownRun" | "badRetry" | "wrongAddress" | "tooManyPackets";
interface HandshakeRun<O extends Origin = Origin> {
    readonly role: "initiator" | "responder";
    readonly origin: O;
    readonly localCid: Uint8Array;
    readonly seedIndex: number;
    readonly state: "pending" | "deciding" | "complete" | "failed";
    readonly answered: boolean;
}
type Decision = "accept" | "refuse" | "busy";
type HandshakeEvent<O extends Origin = Origin> = {
    readonly type: "session";
    readonly run: HandshakeRun<O>;
    readonly result: HandshakeResult;
    readonly packets: readonly Uint8Array[];
} | {
    readonly type: "authorize";
    readonly run: HandshakeRun<O>;
    readonly peer: VerifiedPeer;
} | {
    readonly type: "failed";
    readonly run: HandshakeRun<O>;
    readonly error: SttError;
} | {
    readonly type: "waiting";
    readonly origin: O;
    readonly until: number;
} | {
    readonly type: "overloaded";
    readonly origin: O;
    readonly limit: HelloLimit;
} | {
    readonly type: "unconfirmed";
    readonly run: HandshakeRun<O>;
    readonly result: HandshakeResult;
};
type HandshakeOutput<O extends Origin = Origin> = Output<HandshakeEvent<O>, O>;
interface DatedSeedKeys {
    readonly keys: SeedKeys;
    readonly notAfter: number;
}
interface HandshakeManagerConfig<O extends Origin = Origin> extends Omit<HandshakeConfig, "localCid" | "datagram"> {
    readonly seeds: SeedKeys | readonly (SeedKeys | DatedSeedKeys)[];
    readonly listen?: HelloPlugin | undefined;
    readonly authorize?: ((peer: VerifiedPeer, run: HandshakeRun<O>) => Decision | undefined) | undefined;
    readonly authorizeTimeout?: number | undefined;
    readonly isConnectionIdTaken?: ((id: Uint8Array) => boolean) | undefined;
    readonly load?: Partial<LoadLimits> | undefined;
    readonly onDropped?: ((from: O | undefined, reason: ManagerDropReason, size: number) => void) | undefined;
}
interface HandshakeStatistics {
    readonly dialing: number;
    readonly pending: number;
    readonly waiting: number;
    readonly dialed: number;
    readonly accepted: number;
    readonly failed: number;
    readonly refused: number;
    readonly busy: number;
    readonly retries: number;
    readonly dropped: Readonly<Record<ManagerDropReason, number>>;
}
interface DialOptions extends Pick<InitiatorConfig, "expectedPeer" | "allowPeer" | "metadata" | "timeout"> {
    readonly localAddress?: string | undefined;
}
declare class HandshakeManager<O extends Origin = Origin> {
    #private;
    constructor(config: HandshakeManagerConfig<O>);
    initiate(to: O, { localAddress, ...options }: DialOptions, now: number): HandshakeRun<O>;
    handleIncoming(from: O, bytes: Uint8Array, now: number): boolean;
    hasConnectionId(id: Uint8Array): boolean;
    decide(run: HandshakeRun, decision: Decision, now: number): boolean;
    confirm(run: HandshakeRun): void;
    failureOf(run: HandshakeRun): SttError | undefined;
    cancel(run: HandshakeRun): void;
    linkClosed(link: Origin, cause?: Error): void;
    get(link: Origin): HandshakeRun<O> | undefined;
    isComplete(link: Origin): boolean;
    setSeeds(seeds: SeedKeys | readonly (SeedKeys | DatedSeedKeys)[]): void;
    setWallClock(milliseconds: number): void;
    get hasNews(): boolean;
    poll(now: number): HandshakeOutput<O>;
    getStatistics(): HandshakeStatistics;
    close(): void;
}
export { type DatedSeedKeys, type Decision, type DialOptions, type DropReason, type HandshakeConfig, type HandshakeEvent, HandshakeManager, type HandshakeManagerConfig, type HandshakeOutput, type HandshakeResult, type HandshakeRun, type HandshakeStatistics, type HelloLimit, type HelloPlugin, Initiator, type InitiatorConfig, type LoadLimits, type ManagerDropReason, type Origin, type RateLimit, type VerifiedPeer, isHandshake };

// ./dist/listen.d.ts
import { D as DropReason, R as ResponderConfig, H as HandshakeResult, V as VerifiedPeer, F as FinalStatus, a as HelloPlugin } from "./result.js";
import "@stt/crypto";
import "@stt/frame";
import "@stt/serialize";
declare class Responder {
    #private;
    lastDrop: DropReason | undefined;
    constructor(config: ResponderConfig);
    get localCid(): Uint8Array;
    get result(): HandshakeResult | undefined;
    get failed(): boolean;
    get finalMessages(): readonly Uint8Array<ArrayBuffer>[];
    processHello(bytes: Uint8Array, now: number): Uint8Array<ArrayBuffer> | undefined;
    openProof(bytes: Uint8Array, now: number): VerifiedPeer | undefined;
    createFinal(status: FinalStatus): Uint8Array<ArrayBuffer>;
    repeatFinal(bytes: Uint8Array, now: number): Uint8Array<ArrayBuffer> | undefined;
    verifyProof(bytes: Uint8Array, now: number): Uint8Array<ArrayBuffer> | undefined;
    dispose(): void;
}
declare const answerHellos: HelloPlugin;
export { Responder, answerHellos };

// ./dist/peers.d.ts
import { SttError } from "@stt/errors";
import { a as Peers, P as PeerPolicy } from "./open-policy.js";
declare function createPolicy(peers?: Peers, warn?: (error: SttError) => void): PeerPolicy;
export { createPolicy };

// ./dist/result.d.ts
import { Identity, Entropy, CryptoProvider, SeedKeys } from "@stt/crypto";
import { TransportLimits, PathTerms } from "@stt/frame";
import { Value } from "@stt/serialize";
declare class HelloPlugin {
    #private;
}
type Suite = 1 | 2;
interface HandshakeConfig {
    readonly identity: Identity;
    readonly entropy: Entropy;
    readonly limits: TransportLimits;
    readonly paths?: PathTerms | undefined;
    readonly localCid: Uint8Array;
    readonly datagram: boolean;
    readonly metadata?: Value | undefined;
    readonly suites?: readonly Suite[] | undefined;
    readonly requireHybrid?: boolean | undefined;
    readonly pairwise?: ((peerId: Uint8Array) => Uint8Array | undefined) | undefined;
    readonly provider?: CryptoProvider | undefined;
    readonly timeout?: number | undefined;
}
interface InitiatorConfig extends HandshakeConfig {
    readonly keys: SeedKeys;
    readonly expectedPeer?: Uint8Array | undefined;
    readonly allowPeer?: ((peerId: Uint8Array) => boolean) | undefined;
    readonly token?: Uint8Array | undefined;
}
interface ResponderConfig extends HandshakeConfig {
    readonly keys: SeedKeys | readonly SeedKeys[];
}
type DropReason = "malformed" | "version" | "badMac" | "unexpected" | "wrongConnection" | "badNoise" | "badPayload" | "ownKey" | "wrongPeer" | "notPaired" | "badSuite" | "badConfirm" | "expired";
declare const FinalStatus: {
    readonly Accepted: 0;
    readonly Refused: 1;
    readonly Busy: 2;
};
type FinalStatus = (typeof FinalStatus)[keyof typeof FinalStatus];
declare class SessionSecrets {
    #private;
    constructor(send: Uint8Array, receive: Uint8Array, exporter: Uint8Array);
    get send(): Uint8Array;
    get receive(): Uint8Array;
    get exporter(): Uint8Array;
    dispose(): void;
}
interface VerifiedPeer {
    readonly id: Uint8Array<ArrayBuffer>;
    readonly metadata: Value | undefined;
    readonly limits: TransportLimits;
    readonly suite: Suite;
    readonly seedIndex: number;
}
interface HandshakeResult {
    readonly role: "initiator" | "responder";
    readonly sessionId: Uint8Array<ArrayBuffer>;
    readonly localCid: Uint8Array;
    readonly remoteCid: Uint8Array;
    readonly suite: Suite;
    readonly peerId: Uint8Array<ArrayBuffer>;
    readonly peerMetadata: Value | undefined;
    readonly peerLimits: TransportLimits;
    readonly paths: PathTerms;
    readonly resetToken?: Uint8Array;
    readonly binding: Uint8Array;
    readonly secrets: SessionSecrets;
}
export { type DropReason as D, FinalStatus as F, type HandshakeResult as H, type InitiatorConfig as I, type ResponderConfig as R, SessionSecrets as S, type VerifiedPeer as V, HelloPlugin as a, type HandshakeConfig as b, type Suite as c };

// ./dist/open-policy.d.ts
interface TrustStore {
    list(name: string): Promise<readonly Uint8Array[]>;
    admit(name: string, id: Uint8Array, max: number): Promise<boolean>;
    revoke(id: Uint8Array): Promise<void>;
    revoked?(): Promise<readonly Uint8Array[]>;
}
declare const MemoryTrustStore: new () => Required<TrustStore>;
type MemoryTrustStore = Required<TrustStore>;
type Peers = "any" | {
    readonly trustOnFirstUse: TrustStore;
    readonly max?: number;
} | {
    readonly allow: Iterable<Uint8Array>;
} | {
    readonly pairwise: (id: Uint8Array) => Uint8Array | undefined;
};
interface PeerPolicy {
    isRefused(id: Uint8Array): boolean;
    pinnedId(address: string): Promise<Uint8Array | undefined>;
    pin(address: string, id: Uint8Array): Promise<boolean>;
    allowIncoming(id: Uint8Array): boolean | Promise<boolean>;
    readonly decidesAtOnce: boolean;
    readonly pairwise: ((id: Uint8Array) => Uint8Array | undefined) | undefined;
    revoke(id: Uint8Array): Promise<void>;
}
declare const openPolicy: PeerPolicy;
export { MemoryTrustStore as M, type PeerPolicy as P, type TrustStore as T, type Peers as a, openPolicy as o };
