// ./dist/index.d.ts
import { Identity, Entropy, CryptoProvider, SeedKeys } from "@stt/crypto";
import { TransportLimits } from "@stt/frame";
import { Value } from "@stt/serialize";
import { SttError } from "@stt/errors";
type Suite = 1 | 2;
interface HandshakeConfig {
    readonly identity: Identity;
    readonly entropy: Entropy;
    readonly limits: TransportLimits;
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
    readonly resetToken?: Uint8Array;
    readonly binding: Uint8Array;
    readonly secrets: SessionSecrets;
}
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
interface HandshakeRun {
    readonly role: "initiator" | "responder";
    readonly address: string;
    readonly localCid: Uint8Array;
    readonly seedIndex: number;
    readonly state: "pending" | "deciding" | "complete" | "failed";
    readonly answered: boolean;
}
type Verdict = "accept" | "refuse" | "busy";
type HandshakeEvent = {
    readonly type: "session";
    readonly run: HandshakeRun;
    readonly result: HandshakeResult;
    readonly packets: readonly Uint8Array[];
} | {
    readonly type: "authorize";
    readonly run: HandshakeRun;
    readonly peer: VerifiedPeer;
} | {
    readonly type: "failed";
    readonly run: HandshakeRun;
    readonly error: SttError;
} | {
    readonly type: "waiting";
    readonly address: string;
} | {
    readonly type: "overloaded";
    readonly address: string;
    readonly limit: HelloLimit;
} | {
    readonly type: "unconfirmed";
    readonly run: HandshakeRun;
    readonly result: HandshakeResult;
};
type HandshakeOutput = {
    readonly transmit: Uint8Array;
    readonly address: string;
} | {
    readonly event: HandshakeEvent;
} | {
    readonly timeout: number;
};
interface RunContext {
    transmit(bytes: Uint8Array, address: string): void;
    emit(event: HandshakeEvent): void;
    drop(reason: ManagerDropReason): void;
}
type ManagerDropReason = DropReason | "replayed" | "rateLimited" | "tableFull" | "unknownRun" | "badRetry" | "wrongAddress" | "tooManyPackets";
declare function addressPrefix(address: string): string;
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
    openProof(bytes: Uint8Array, now: number): VerifiedPeer | undefined;
    createFinal(status: FinalStatus): Uint8Array<ArrayBuffer>;
    repeatFinal(bytes: Uint8Array, now: number): Uint8Array<ArrayBuffer> | undefined;
    verifyProof(bytes: Uint8Array, now: number): Uint8Array<ArrayBuffer> | undefined;
    dispose(): void;
}
interface Timed {
    readonly dueAt: number;
}
interface ListenContext extends RunContext {
    authorize(run: ListenRun, peer: VerifiedPeer): Verdict | undefined;
    decided(verdict: Verdict): void;
    readonly authorizeTimeout: number;
    readonly timeout: number;
}
declare class ListenRun implements HandshakeRun, Timed {
    #private;
    readonly role: "responder";
    readonly answered = true;
    readonly address: string;
    readonly localCid: Uint8Array;
    readonly helloMac: string;
    readonly seedIndex: number;
    constructor(context: ListenContext, responder: Responder, { address, helloMac, seedIndex, now }: {
        address: string;
        helloMac: string;
        seedIndex: number;
        now: number;
    });
    get state(): HandshakeRun["state"];
    get dueAt(): number;
    repeatResponse(hello: Uint8Array, address: string, now: number): void;
    receive(header: HandshakeHeader, bytes: Uint8Array, address: string, now: number): void;
    decide(verdict: Verdict, now: number): boolean;
    confirm(): void;
    onTimer(now: number): boolean;
    dispose(): void;
}
interface DatedSeedKeys {
    readonly keys: SeedKeys;
    readonly notAfter: number;
}
interface UsableSeed {
    readonly keys: SeedKeys;
    readonly index: number;
}
interface HandshakeManagerConfig extends Omit<HandshakeConfig, "localCid" | "datagram"> {
    readonly seeds: SeedKeys | readonly (SeedKeys | DatedSeedKeys)[];
    readonly listen?: Listen | undefined;
    readonly authorize?: ((peer: VerifiedPeer, run: HandshakeRun) => Verdict | undefined) | undefined;
    readonly authorizeTimeout?: number | undefined;
    readonly isConnectionIdTaken?: ((id: Uint8Array) => boolean) | undefined;
    readonly load?: Partial<LoadLimits> | undefined;
    readonly onDropped?: ((address: string, reason: ManagerDropReason, size: number) => void) | undefined;
}
interface ManagerSettings {
    readonly common: Omit<HandshakeConfig, "localCid" | "datagram">;
    readonly authorize: (peer: VerifiedPeer, run: HandshakeRun) => Verdict | undefined;
    readonly authorizeTimeout: number;
    readonly timeout: number;
    readonly load: LoadLimits;
}
interface ListenHost extends ListenContext {
    readonly settings: ManagerSettings;
    nextConnectionId(): Uint8Array;
    isDialing(id: Uint8Array, hello: Uint8Array, from: string, now: number): boolean;
    retried(): void;
    begin(run: ListenRun): void;
    touch(run: ListenRun, act: () => void): void;
}
interface LinkFacts {
    readonly isShared?: boolean;
    readonly patience?: number | undefined;
}
interface ListeningSide {
    readonly pending: number;
    readonly waiting: number;
    readonly nextAt: number;
    setSeeds(seeds: readonly UsableSeed[]): void;
    receiveHello(address: string, header: HandshakeHeader, hello: Uint8Array, now: number, link: LinkFacts): void;
    advance(now: number): void;
    linkClosed(address: string): void;
    close(): void;
    decide(run: HandshakeRun, verdict: Verdict, now: number): boolean;
    confirm(run: HandshakeRun): run is ListenRun;
    unroute(run: ListenRun): void;
}
type Listen = (host: ListenHost) => ListeningSide;
declare const answerHellos: Listen;
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
declare class HandshakeManager {
    #private;
    constructor(config: HandshakeManagerConfig);
    initiate(address: string, now: number, { localAddress, ...options }?: DialOptions): HandshakeRun;
    handleIncoming(address: string, bytes: Uint8Array, now: number, link?: LinkFacts): boolean;
    hasConnectionId(id: Uint8Array): boolean;
    decide(run: HandshakeRun, verdict: Verdict, now: number): boolean;
    confirm(run: HandshakeRun): void;
    failureOf(run: HandshakeRun): SttError | undefined;
    cancel(run: HandshakeRun): void;
    linkClosed(address: string, cause?: Error): void;
    get(address: string): HandshakeRun | undefined;
    isComplete(address: string): boolean;
    setSeeds(seeds: SeedKeys | readonly (SeedKeys | DatedSeedKeys)[]): void;
    setWallClock(milliseconds: number): void;
    cleanup(now: number): number;
    poll(now: number): HandshakeOutput;
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
export { type DatedSeedKeys, type DialOptions, type DropReason, FinalStatus, type Fragment, type HandshakeConfig, type HandshakeEvent, type HandshakeHeader, HandshakeManager, type HandshakeManagerConfig, type HandshakeOutput, type HandshakeResult, type HandshakeRun, type HandshakeStatistics, type HelloLimit, Initiator, type InitiatorConfig, type LinkFacts, type Listen, type LoadLimits, type ManagerDropReason, MemoryTrustStore, MessageType, type PeerPolicy, type Peers, type RateLimit, Responder, type ResponderConfig, SessionSecrets, type Suite, type TrustStore, type Verdict, type VerifiedPeer, addressPrefix, answerHellos, createPolicy, isHandshake, parseHandshakeHeader };
