// ./dist/index.d.ts
import { D as DropReason, I as InitiatorConfig, V as VerifiedPeer, H as HandshakeResult, O as Origin, a as HandshakeConfig, b as DatedSeedKeys, L as Listen, c as HandshakeRun, d as Verdict, e as LoadLimits, M as ManagerDropReason, f as HandshakeOutput } from "./listening-side.js";
export { F as FinalStatus, type g as Fragment, type h as HandshakeEvent, type i as HandshakeHeader, type j as HelloLimit, k as MessageType, type R as RateLimit, type l as ResponderConfig, S as SessionSecrets, type m as Suite, n as isHandshake, p as parseHandshakeHeader } from "./listening-side.js";
import { SeedKeys } from "@stt/crypto";
import { SttError } from "@stt/errors";
import "@stt/frame";
import "@stt/serialize";
declare class Initiator {
    #private;
    lastDrop: DropReason | undefined;
    isOwnPeer: boolean;
    constructor(config: InitiatorConfig);
    get localCid(): Uint8Array;
    get peer(): VerifiedPeer | undefined;
    get proofMessages(): readonly Uint8Array<ArrayBuffer>[];
    createHello(now: number): Uint8Array<ArrayBuffer>;
    processResponse(bytes: Uint8Array, now: number): Uint8Array<ArrayBuffer> | undefined;
    processFinal(bytes: Uint8Array, now: number): HandshakeResult | undefined;
    dispose(): void;
}
interface HandshakeManagerConfig<O extends Origin = Origin> extends Omit<HandshakeConfig, "localCid" | "datagram"> {
    readonly seeds: SeedKeys | readonly (SeedKeys | DatedSeedKeys)[];
    readonly listen?: Listen | undefined;
    readonly authorize?: ((peer: VerifiedPeer, run: HandshakeRun<O>) => Verdict | undefined) | undefined;
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
interface DialOptions extends Pick<InitiatorConfig, "expectedPeer" | "permits" | "metadata" | "timeout"> {
    readonly localAddress?: string | undefined;
}
declare class HandshakeManager<O extends Origin = Origin> {
    #private;
    constructor(config: HandshakeManagerConfig<O>);
    initiate(to: O, { localAddress, ...options }: DialOptions, now: number): HandshakeRun<O>;
    handleIncoming(from: O, bytes: Uint8Array, now: number): boolean;
    hasConnectionId(id: Uint8Array): boolean;
    decide(run: HandshakeRun, verdict: Verdict, now: number): boolean;
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
interface TrustStore {
    list(name: string): Promise<readonly Uint8Array[]>;
    admit(name: string, id: Uint8Array, max: number): Promise<boolean>;
    revoke(id: Uint8Array): Promise<void>;
    revoked?(): Promise<readonly Uint8Array[]>;
}
declare class MemoryTrustStore implements TrustStore {
    #private;
    list(name: string): Promise<readonly Uint8Array<ArrayBuffer>[]>;
    admit(name: string, given: Uint8Array, max: number): Promise<boolean>;
    revoke(given: Uint8Array): Promise<void>;
    revoked(): Promise<readonly Uint8Array<ArrayBuffer>[]>;
}
type Peers = "any" | {
    readonly trustOnFirstUse: TrustStore;
    readonly max?: number;
} | {
    readonly allow: Iterable<Uint8Array>;
} | {
    readonly pairwise: (id: Uint8Array) => Uint8Array | undefined;
};
interface PeerPolicy {
    permits(id: Uint8Array): boolean;
    expected(address: string): Promise<Uint8Array | undefined>;
    reached(address: string, id: Uint8Array): Promise<boolean>;
    readonly decidesAtOnce: boolean;
    admits(id: Uint8Array): boolean | Promise<boolean>;
    readonly pairwise: ((id: Uint8Array) => Uint8Array | undefined) | undefined;
    revoke(id: Uint8Array): Promise<void>;
}
declare function createPolicy(peers?: Peers, warn?: (error: SttError) => void): PeerPolicy;
export { type DatedSeedKeys, type DialOptions, type DropReason, type HandshakeConfig, HandshakeManager, type HandshakeManagerConfig, type HandshakeOutput, type HandshakeResult, type HandshakeRun, type HandshakeStatistics, Initiator, type InitiatorConfig, type Listen, type LoadLimits, type ManagerDropReason, MemoryTrustStore, type Origin, type PeerPolicy, type Peers, type TrustStore, type Verdict, type VerifiedPeer, createPolicy };

// ./dist/listen.d.ts
import { L as Listen } from "./listening-side.js";
export { o as Responder } from "./listening-side.js";
import "@stt/crypto";
import "@stt/frame";
import "@stt/serialize";
import "@stt/errors";
declare const answerHellos: Listen;
export { answerHellos };

// ./dist/listening-side.d.ts
import { Identity, Entropy, CryptoProvider, SeedKeys } from "@stt/crypto";
import { TransportLimits, PathTerms, Output } from "@stt/frame";
import { Value } from "@stt/serialize";
import { SttError } from "@stt/errors";
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
    readonly permits?: ((peerId: Uint8Array) => boolean) | undefined;
    readonly token?: Uint8Array | undefined;
}
interface ResponderConfig extends HandshakeConfig {
    readonly keys: SeedKeys | readonly SeedKeys[];
}
type DropReason = "malformed" | "version" | "badMac" | "unexpected" | "wrongConnection" | "badNoise" | "badPayload" | "ownKey" | "wrongPeer" | "notPaired" | "badSuite" | "badConfirm" | "expired";
declare const Fragment: {
    readonly Whole: 1;
    readonly First: 2;
    readonly Second: 18;
};
type Fragment = (typeof Fragment)[keyof typeof Fragment];
declare const MessageType: {
    readonly Hello: 0;
    readonly Response: 1;
    readonly AuthProof: 2;
    readonly Final: 3;
    readonly Retry: 4;
};
type MessageType = (typeof MessageType)[keyof typeof MessageType];
interface HandshakeHeader {
    readonly type: MessageType;
    readonly noiseLength: number;
    readonly fragment: Fragment;
    readonly dcid: Uint8Array;
    readonly scid: Uint8Array;
}
declare function isHandshake(bytes: Uint8Array): boolean;
declare function parseHandshakeHeader(bytes: Uint8Array): HandshakeHeader | undefined;
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
interface Origin {
    readonly lossy: boolean;
    readonly proved: boolean;
    readonly label: string;
    readonly prefix: string;
    readonly patience?: number | undefined;
}
declare const FinalStatus: {
    readonly Accepted: 0;
    readonly Refused: 1;
    readonly Busy: 2;
};
type FinalStatus = (typeof FinalStatus)[keyof typeof FinalStatus];
declare class Responder {
    #private;
    lastDrop: DropReason | undefined;
    constructor(config: ResponderConfig);
    get localCid(): Uint8Array;
    get result(): HandshakeResult | undefined;
    get failed(): boolean;
    get finalMessages(): readonly Uint8Array<ArrayBuffer>[];
    get started(): boolean;
    processHello(bytes: Uint8Array, now: number): Uint8Array<ArrayBuffer> | undefined;
    answerVerifiedHello(bytes: Uint8Array, now: number): Uint8Array<ArrayBuffer> | undefined;
    openProof(bytes: Uint8Array, now: number): VerifiedPeer | undefined;
    createFinal(status: FinalStatus): Uint8Array<ArrayBuffer>;
    repeatFinal(bytes: Uint8Array, now: number): Uint8Array<ArrayBuffer> | undefined;
    verifyProof(bytes: Uint8Array, now: number): Uint8Array<ArrayBuffer> | undefined;
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
type ManagerDropReason = DropReason | "replayed" | "rateLimited" | "tableFull" | "unknownRun" | "badRetry" | "wrongAddress" | "tooManyPackets";
interface HandshakeRun<O extends Origin = Origin> {
    readonly role: "initiator" | "responder";
    readonly origin: O;
    readonly localCid: Uint8Array;
    readonly seedIndex: number;
    readonly state: "pending" | "deciding" | "complete" | "failed";
    readonly answered: boolean;
}
type Verdict = "accept" | "refuse" | "busy";
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
interface RunContext<O extends Origin> {
    transmit(packet: Uint8Array, to: O): void;
    emit(event: HandshakeEvent<O>): void;
    drop(reason: ManagerDropReason): void;
}
interface Timed {
    readonly deadline: number;
}
interface ListenContext<O extends Origin> extends RunContext<O> {
    authorize(run: ListenRun<O>, peer: VerifiedPeer): Verdict | undefined;
    decided(verdict: Verdict): void;
    readonly authorizeTimeout: number;
    readonly timeout: number;
}
declare class ListenRun<O extends Origin> implements HandshakeRun<O>, Timed {
    #private;
    readonly role: "responder";
    readonly answered = true;
    readonly origin: O;
    readonly localCid: Uint8Array;
    readonly helloMac: string;
    readonly seedIndex: number;
    constructor(context: ListenContext<O>, responder: Responder, { origin, helloMac, seedIndex }: {
        origin: O;
        helloMac: string;
        seedIndex: number;
    }, now: number);
    get state(): HandshakeRun["state"];
    get deadline(): number;
    repeatResponse(hello: Uint8Array, from: O, now: number): void;
    receive(header: HandshakeHeader, bytes: Uint8Array, from: O, now: number): void;
    decide(verdict: Verdict, now: number): boolean;
    confirm(): void;
    onTime(now: number): boolean;
    dispose(): void;
}
interface ManagerSettings<O extends Origin> {
    readonly common: Omit<HandshakeConfig, "localCid" | "datagram">;
    readonly authorize: (peer: VerifiedPeer, run: HandshakeRun<O>) => Verdict | undefined;
    readonly authorizeTimeout: number;
    readonly timeout: number;
    readonly load: LoadLimits;
}
interface DatedSeedKeys {
    readonly keys: SeedKeys;
    readonly notAfter: number;
}
interface UsableSeed {
    readonly keys: SeedKeys;
    readonly index: number;
}
interface ListenHost<O extends Origin> extends ListenContext<O> {
    readonly settings: ManagerSettings<O>;
    nextConnectionId(): Uint8Array;
    isDialing(id: Uint8Array, hello: Uint8Array, from: O, now: number): boolean;
    retried(): void;
    begin(run: ListenRun<O>): void;
    touch(run: ListenRun<O>, act: () => void): void;
}
interface ListeningSide<O extends Origin> {
    readonly pending: number;
    readonly waiting: number;
    readonly deadline: number;
    setSeeds(seeds: readonly UsableSeed[]): void;
    receiveHello(from: O, header: HandshakeHeader, hello: Uint8Array, now: number): void;
    onTime(now: number): void;
    linkClosed(link: Origin): void;
    close(): void;
    decide(run: HandshakeRun, verdict: Verdict, now: number): boolean;
    confirm(run: HandshakeRun): run is ListenRun<O>;
    unroute(run: ListenRun<O>): void;
}
type Listen = <O extends Origin>(host: ListenHost<O>) => ListeningSide<O>;
export { type DropReason as D, FinalStatus as F, type HandshakeResult as H, type InitiatorConfig as I, type Listen as L, type ManagerDropReason as M, type Origin as O, type RateLimit as R, SessionSecrets as S, type VerifiedPeer as V, type HandshakeConfig as a, type DatedSeedKeys as b, type HandshakeRun as c, type Verdict as d, type LoadLimits as e, type HandshakeOutput as f, Fragment as g, type HandshakeEvent as h, type HandshakeHeader as i, type HelloLimit as j, MessageType as k, type ResponderConfig as l, type Suite as m, isHandshake as n, Responder as o, parseHandshakeHeader as p };
