// ./dist/index.d.ts
import { Candidate, Output } from "@stt/frame";
import { Entropy } from "@stt/crypto";
interface Greeting {
    readonly type: "greeting";
    readonly nonce: Uint8Array;
    readonly unixSeconds: number;
    readonly observed: Candidate | undefined;
    readonly udpPorts: readonly [
        number,
        number
    ];
    readonly rate: number;
    readonly burst: number;
    readonly freeMebibytes: number;
    readonly freeSeconds: number;
    readonly needsAccess: boolean;
}
interface AccessProof {
    readonly keyId: Uint8Array;
    readonly expiry: number;
    readonly mac: Uint8Array;
}
interface MailboxClaim {
    readonly mailbox: Uint8Array;
    readonly token: Uint8Array;
}
interface Proved {
    readonly proof: AccessProof | undefined;
    readonly body: Uint8Array;
}
interface Listen extends Proved {
    readonly type: "listen";
    readonly claims: readonly MailboxClaim[];
}
interface Dial extends Proved {
    readonly type: "dial";
    readonly mailboxes: readonly Uint8Array[];
}
interface Ticket {
    readonly type: "incoming" | "accept";
    readonly ticket: Uint8Array;
}
interface Spliced {
    readonly type: "spliced";
}
interface No {
    readonly type: "no";
    readonly reason: NoReason;
    readonly retryAfter: number;
    readonly url: string;
}
type NoReason = (typeof NO_REASONS)[number] | "unknown";
declare const NO_REASONS: readonly [
    "full",
    "nobody",
    "auth",
    "rate",
    "taken",
    "version",
    "elsewhere"
];
interface GoingAway {
    readonly type: "goingAway";
    readonly reconnectIn: number;
    readonly tryFor: number;
}
interface Heartbeat {
    readonly type: "ping" | "pong";
    readonly data: Uint8Array;
}
type RelayMessage = Greeting | Listen | Dial | Ticket | Spliced | No | GoingAway | Heartbeat;
declare const RELAY_SUBPROTOCOL = "stt-relay.v1";
interface AccessContext {
    readonly authority: string;
    readonly nonce: Uint8Array;
}
declare function proveAccess(access: Uint8Array, context: AccessContext, type: number, body: Uint8Array): Uint8Array;
declare class AccessKeys {
    #private;
    constructor(keys: readonly Uint8Array[]);
    get size(): number;
    verify({ type, proof, body }: Listen | Dial, nonce: Uint8Array, authorities: readonly string[]): boolean;
}
type CircuitWish = {
    readonly dial: readonly Uint8Array[];
} | {
    readonly accept: Uint8Array;
};
interface CircuitRequestOptions {
    readonly url: string;
    readonly access: Uint8Array;
    readonly wish: CircuitWish;
}
type CircuitRequestEvent = {
    readonly type: "greeted";
    readonly greeting: Greeting;
} | {
    readonly type: "spliced";
} | {
    readonly type: "refused";
    readonly no: No;
} | {
    readonly type: "failed";
    readonly reason: string;
};
declare class CircuitRequest {
    #private;
    constructor(options: CircuitRequestOptions, now: number);
    receive(bytes: Uint8Array, now: number): void;
    closed(): void;
    poll(now: number): Output<CircuitRequestEvent, undefined>;
}
declare class Redial {
    #private;
    constructor(entropy: Entropy);
    next(now: number): number;
    reset(eagerFor?: number): void;
}
declare function isAllowedRedirect(from: string, to: string, configured: readonly string[]): boolean;
interface RelayListenerOptions {
    readonly url: string;
    readonly access: Uint8Array;
    readonly claims: (hours: readonly [
        number,
        number
    ]) => readonly MailboxClaim[];
    readonly entropy: Entropy;
}
type RelayListenerEvent = {
    readonly type: "open";
} | {
    readonly type: "close";
} | {
    readonly type: "greeted";
    readonly greeting: Greeting;
} | {
    readonly type: "listening";
} | {
    readonly type: "refused";
    readonly no: No;
} | {
    readonly type: "incoming";
    readonly ticket: Uint8Array;
} | {
    readonly type: "going-away";
} | {
    readonly type: "lost";
    readonly reason: string;
};
declare class RelayListener {
    #private;
    constructor(options: RelayListenerOptions, now: number);
    get isListening(): boolean;
    opened(now: number): void;
    receive(bytes: Uint8Array, now: number): void;
    closed(now: number): void;
    networkChanged(now: number): void;
    accepted(): void;
    stop(): void;
    poll(now: number, unixSeconds: number): Output<RelayListenerEvent, undefined>;
}
declare function decodeMessage(bytes: Uint8Array): RelayMessage;
type Prove = (type: number, body: Uint8Array) => Uint8Array;
declare function encodeGreeting(greeting: Omit<Greeting, "type">): Uint8Array;
declare function encodeListen(claims: readonly MailboxClaim[], prove: Prove): Uint8Array;
declare function encodeDial(mailboxes: readonly Uint8Array[], prove: Prove): Uint8Array;
declare const encodeIncoming: (ticket: Uint8Array) => Uint8Array;
declare const encodeAccept: (ticket: Uint8Array) => Uint8Array;
declare const encodeSpliced: () => Uint8Array;
declare function encodeNo(reason: Exclude<NoReason, "unknown">, retryAfter: number, url?: string): Uint8Array;
declare function encodeGoingAway(reconnectIn: number, tryFor: number): Uint8Array;
declare const encodePing: (data: Uint8Array) => Uint8Array;
declare const encodePong: (data: Uint8Array) => Uint8Array;
declare function hoursAt(unixSeconds: number): readonly [
    number,
    number
];
declare function topicName(rendezvous: Uint8Array, hour: number): Uint8Array<ArrayBuffer>;
declare function mailboxName(rendezvous: Uint8Array, nodeId: Uint8Array, hour: number): Uint8Array<ArrayBuffer>;
declare function homeOf(rendezvous: Uint8Array, nodeId: Uint8Array): Uint8Array<ArrayBuffer>;
declare function accessKeyId(access: Uint8Array): Uint8Array<ArrayBuffer>;
declare function orderRelays(home: Uint8Array, urls: readonly string[]): string[];
declare function relayAuthority(url: string): string;
declare function encodeBind(nonce: Uint8Array): Uint8Array;
declare function decodeBind(datagram: Uint8Array): Uint8Array | undefined;
declare function encodeBound(nonce: Uint8Array, observed: Candidate): Uint8Array;
declare function decodeBound(datagram: Uint8Array, nonce: Uint8Array): Candidate | undefined;
type Mapping = "eim" | "edm" | "blocked" | undefined;
declare class MappingJudge {
    #private;
    asked(now: number): void;
    answered(relay: string, port: number, observed: Candidate, now: number): void;
    judge(now: number): Mapping;
}
interface RelayLimits {
    readonly listeners: number;
    readonly listenersPerAddress: number;
    readonly listenersPerSecond: number;
    readonly circuits: number;
    readonly circuitsPerListener: number;
    readonly circuitsPerAddress: number;
    readonly dialsPerSecond: number;
    readonly tickets: number;
    readonly rate: number;
    readonly burst: number;
    readonly freeMebibytes: number;
    readonly freeSeconds: number;
}
declare function resolveRelayLimits(given?: Partial<RelayLimits>, isOpen?: boolean): RelayLimits;
declare class Circuit<Leg> {
    #private;
    readonly dialer: Leg;
    readonly acceptor: Leg;
    constructor(dialer: Leg, acceptor: Leg, { rate, burst, freeMebibytes }: RelayLimits, now: number);
    get bytes(): number;
    carry(size: number, now: number): number;
}
type Refusal = Extract<NoReason, "full" | "nobody" | "auth" | "rate" | "taken">;
interface RelayStatistics {
    readonly listeners: number;
    readonly circuits: number;
    readonly tickets: number;
    readonly mailboxes: number;
    readonly connections: number;
    readonly listens: number;
    readonly dials: number;
    readonly spliced: number;
    readonly bytes: number;
    readonly messages: number;
    readonly refused: Readonly<Record<Refusal, number>>;
    readonly violations: number;
}
interface RelayEngineOptions {
    readonly entropy: Entropy;
    readonly keys?: readonly Uint8Array[];
    readonly authorities?: readonly string[];
    readonly udpPorts?: readonly [
        number,
        number
    ];
    readonly limits?: Partial<RelayLimits>;
}
interface LegOrigin {
    readonly address?: string | undefined;
    readonly observed?: Candidate | undefined;
}
type RelayEvent<Link> = {
    readonly type: "proved";
    readonly link: Link;
} | {
    readonly type: "spliced";
    readonly circuit: Circuit<Link>;
} | {
    readonly type: "close";
    readonly link: Link;
    readonly code: 1000 | 1008 | 1013;
    readonly reason: string;
};
declare class RelayEngine<Link extends object> {
    #private;
    constructor({ entropy, keys, authorities, udpPorts, limits }: RelayEngineOptions);
    get isOpen(): boolean;
    getStatistics(): RelayStatistics;
    opened(link: Link, { address, observed }: LegOrigin, now: number, unixSeconds: number): void;
    receive(link: Link, bytes: Uint8Array, now: number): void;
    closed(link: Link, now: number, busy?: string): void;
    carry(circuit: Circuit<Link>, size: number, now: number): number;
    goAway(): void;
    poll(now: number): Output<RelayEvent<Link>, Link>;
}
export { type AccessContext, AccessKeys, type AccessProof, type Circuit, CircuitRequest, type CircuitRequestEvent, type CircuitRequestOptions, type CircuitWish, type Dial, type GoingAway, type Greeting, type Heartbeat, type LegOrigin, type Listen, type MailboxClaim, type Mapping, MappingJudge, type No, type NoReason, type Prove, RELAY_SUBPROTOCOL, Redial, type Refusal, RelayEngine, type RelayEngineOptions, type RelayEvent, type RelayLimits, RelayListener, type RelayListenerEvent, type RelayListenerOptions, type RelayMessage, type RelayStatistics, type Spliced, type Ticket, accessKeyId, decodeBind, decodeBound, decodeMessage, encodeAccept, encodeBind, encodeBound, encodeDial, encodeGoingAway, encodeGreeting, encodeIncoming, encodeListen, encodeNo, encodePing, encodePong, encodeSpliced, homeOf, hoursAt, isAllowedRedirect, mailboxName, orderRelays, proveAccess, relayAuthority, resolveRelayLimits, topicName };
