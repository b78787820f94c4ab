// ./dist/index.d.ts
import { Output } from "@stt/frame";
import { G as Greeting, N as No, M as MailboxClaim, R as RelayMessage, a as RegistryMessage, b as RegistryEntry } from "./encode.js";
export { type A as AccessProof, type c as Mapping, d as MappingJudge, type e as NoReason, type P as Prove, f as REGISTRY_SUBPROTOCOL, g as RELAY_SUBPROTOCOL, h as decodeBound, i as encodeAccept, j as encodeBind, k as encodeDial, l as encodeGet, m as encodeListen, n as encodePing, o as encodePut } from "./encode.js";
import { Entropy } from "@stt/crypto";
interface AccessContext {
    readonly authority: string;
    readonly nonce: Uint8Array;
}
declare function proveAccess(access: Uint8Array, context: AccessContext, type: number, body: Uint8Array): Uint8Array;
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
declare function isAllowedRedirect(from: string, to: string, configured: readonly string[]): boolean;
type ConnectionEvent = {
    readonly type: "open";
} | {
    readonly type: "close";
} | {
    readonly type: "greeted";
    readonly greeting: Greeting;
} | {
    readonly type: "lost";
    readonly reason: string;
};
interface RelayListenerOptions {
    readonly url: string;
    readonly access: Uint8Array;
    readonly claims: (hours: readonly [
        number,
        number
    ]) => readonly MailboxClaim[];
    readonly entropy: Entropy;
}
type RelayListenerEvent = ConnectionEvent | {
    readonly type: "listening";
} | {
    readonly type: "refused";
    readonly no: No;
} | {
    readonly type: "incoming";
    readonly ticket: Uint8Array;
    readonly url: string;
} | {
    readonly type: "going-away";
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
declare function hoursAt(unixSeconds: number): readonly [
    number,
    number
];
declare function topicName(rendezvous: Uint8Array, hour: number): Uint8Array<ArrayBuffer>;
declare function recordKey(rendezvous: Uint8Array, hour: number): Uint8Array<ArrayBuffer>;
declare function slotName(topic: Uint8Array, token: Uint8Array): Uint8Array<ArrayBuffer>;
declare function mailboxName(rendezvous: Uint8Array, nodeId: Uint8Array, hour: number): Uint8Array<ArrayBuffer>;
declare function homeOf(rendezvous: Uint8Array, nodeId: Uint8Array): Uint8Array<ArrayBuffer>;
declare function accessKeyId(access: Uint8Array): Uint8Array<ArrayBuffer>;
declare function orderRelays(home: Uint8Array, urls: readonly string[]): string[];
declare function relayAuthority(url: string): string;
declare function decodeRegistryMessage(bytes: Uint8Array): RegistryMessage;
interface PeerRecord {
    readonly id: Uint8Array;
    readonly seq: number;
    readonly expires: number;
    readonly relays: readonly string[];
}
interface RecordPlace {
    readonly rendezvous: Uint8Array;
    readonly hour: number;
    readonly topic: Uint8Array;
    readonly slot: Uint8Array;
}
declare function sealRecord(record: PeerRecord, place: RecordPlace, salt: Uint8Array): Uint8Array<ArrayBuffer>;
declare function openRecord(blob: Uint8Array, place: RecordPlace): PeerRecord | undefined;
interface SeenPeer {
    readonly id: Uint8Array;
    readonly seenAt: readonly string[];
    readonly places: readonly string[];
}
type DirectoryEvent = {
    readonly type: "appeared";
    readonly peer: SeenPeer;
} | {
    readonly type: "disappeared";
    readonly peer: SeenPeer;
};
declare class PeerDirectory {
    #private;
    ignored: number;
    constructor(self: Uint8Array);
    get peers(): readonly SeenPeer[];
    find(id: Uint8Array): SeenPeer | undefined;
    tell(source: string, record: Pick<PeerRecord, "id" | "relays"> & Partial<PeerRecord>, ttl: number, now: number, unixSeconds: number): void;
    told(source: string): void;
    untell(source: string, id: Uint8Array): void;
    get deadline(): number;
    onTime(now: number): void;
    shift(): DirectoryEvent | undefined;
}
interface RecordToPut {
    readonly topic: Uint8Array;
    readonly token: Uint8Array;
    readonly blob: Uint8Array;
}
interface RegistryClientOptions {
    readonly url: string;
    readonly access: Uint8Array;
    readonly records: (hours: readonly [
        number,
        number
    ]) => readonly RecordToPut[];
    readonly topics: (hours: readonly [
        number,
        number
    ]) => readonly Uint8Array[];
    readonly entropy: Entropy;
}
type RegistryClientEvent = ConnectionEvent | {
    readonly type: "found";
    readonly topic: Uint8Array;
    readonly entries: readonly RegistryEntry[];
} | {
    readonly type: "asked";
} | {
    readonly type: "published";
} | {
    readonly type: "refused";
    readonly no: No;
};
declare class RegistryClient {
    #private;
    constructor(options: RegistryClientOptions);
    publish(now: number): void;
    withdraw(): void;
    watch(now: number): void;
    unwatch(): void;
    opened(now: number): void;
    receive(bytes: Uint8Array, now: number): void;
    closed(now: number): void;
    networkChanged(now: number): void;
    stop(): void;
    poll(now: number, unixSeconds: number): Output<RegistryClientEvent, undefined>;
}
export { type AccessContext, CircuitRequest, type CircuitRequestEvent, type CircuitRequestOptions, type CircuitWish, type DirectoryEvent, type Greeting, type MailboxClaim, type No, PeerDirectory, type PeerRecord, type RecordPlace, type RecordToPut, RegistryClient, type RegistryClientEvent, type RegistryClientOptions, type RegistryEntry, type RegistryMessage, RelayListener, type RelayListenerEvent, type RelayListenerOptions, type RelayMessage, type SeenPeer, accessKeyId, decodeMessage, decodeRegistryMessage, homeOf, hoursAt, isAllowedRedirect, mailboxName, openRecord, orderRelays, proveAccess, recordKey, relayAuthority, sealRecord, slotName, topicName };

// ./dist/server.d.ts
import { b as RegistryEntry } from "./encode.js";
export { p as decodeBind, q as encodeBound, r as encodeGreeting, s as encodeIncoming, t as encodeNo, u as encodePong, v as encodeRecords, w as encodeSpliced } from "./encode.js";
import { Candidate, Output } from "@stt/frame";
import { Entropy } from "@stt/crypto";
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
    readonly registryClients: number;
    readonly registryClientsPerAddress: number;
    readonly registryClientsPerSecond: number;
    readonly records: number;
    readonly recordsPerAddress: number;
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
interface OwnedName {
    readonly mailbox: Uint8Array;
    readonly owner: Uint8Array;
}
interface RegistryStatistics {
    readonly records: number;
    readonly topics: number;
    readonly clients: number;
    readonly connections: number;
    readonly puts: number;
    readonly gets: number;
    readonly displaced: number;
    readonly refused: Readonly<Record<"full" | "auth" | "rate", number>>;
    readonly violations: number;
}
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
    readonly refused: Readonly<Record<"full" | "nobody" | "auth" | "rate" | "taken" | "elsewhere", number>>;
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
    readonly instance?: string | undefined;
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
} | InstanceEvent<Link>;
type InstanceEvent<Link> = {
    readonly type: "listens";
    readonly link: Link;
    readonly names: readonly OwnedName[];
    readonly address: string | undefined;
} | {
    readonly type: "left";
    readonly link: Link;
    readonly names: readonly OwnedName[];
} | {
    readonly type: "seeks";
    readonly link: Link;
    readonly mailboxes: readonly Uint8Array[];
} | {
    readonly type: "dialed";
    readonly link: Link;
    readonly address: string;
} | {
    readonly type: "hung-up";
    readonly link: Link;
};
declare class RelayEngine<Link extends object> {
    #private;
    constructor({ entropy, keys, authorities, udpPorts, limits, instance }: RelayEngineOptions);
    get isOpen(): boolean;
    getStatistics(): RelayStatistics;
    opened(link: Link, { address, observed }: LegOrigin, now: number, unixSeconds: number): void;
    announced(link: Link, names: readonly OwnedName[], kept: readonly boolean[], now: number): void;
    found(link: Link, mailboxes: readonly Uint8Array[], url: string | undefined, now: number): void;
    exceeded(link: Link, now: number): void;
    contested(mailbox: Uint8Array, now: number): void;
    moved(mailbox: Uint8Array): void;
    presences(): Generator<Extract<InstanceEvent<Link>, {
        type: "listens";
    }>, void, undefined>;
    receive(link: Link, bytes: Uint8Array, now: number): void;
    closed(link: Link, now: number, busy?: string): void;
    carry(circuit: Circuit<Link>, size: number, now: number): number;
    goAway(): void;
    poll(now: number): Output<RelayEvent<Link>, Link>;
}
interface RecordForSlot extends RegistryEntry {
    readonly topic: Uint8Array;
    readonly ttl: number;
}
interface RecordLimits {
    readonly records: number;
    readonly recordsPerAddress: number;
}
declare class Topics {
    #private;
    displaced: number;
    get size(): number;
    get topics(): number;
    get deadline(): number;
    put({ topic, slot, ttl, blob }: RecordForSlot, address: string | undefined, limits: RecordLimits, now: number): boolean;
    has(topic: Uint8Array, slot: Uint8Array): boolean;
    records(now: number): Generator<RecordForSlot & {
        readonly address: string | undefined;
    }, void, undefined>;
    entries(topic: Uint8Array): readonly RegistryEntry[];
    onTime(now: number): void;
}
type RegistryEvent<Link> = {
    readonly type: "proved";
    readonly link: Link;
} | {
    readonly type: "close";
    readonly link: Link;
    readonly code: 1000 | 1008 | 1013;
    readonly reason: string;
} | {
    readonly type: "puts";
    readonly link: Link;
    readonly record: SharedRecord;
} | {
    readonly type: "gets";
    readonly link: Link;
    readonly topic: Uint8Array;
};
interface SharedRecord extends RecordForSlot {
    readonly address: string | undefined;
}
declare class RegistryEngine<Link extends object> {
    #private;
    constructor({ entropy, keys, authorities, limits, instance }: Omit<RelayEngineOptions, "udpPorts">);
    getStatistics(): RegistryStatistics;
    opened(link: Link, { address, observed }: LegOrigin, now: number, unixSeconds: number): void;
    receive(link: Link, bytes: Uint8Array, now: number): void;
    stored(link: Link, record: SharedRecord, isKept: boolean, now: number): void;
    found(link: Link, topic: Uint8Array, entries: readonly RegistryEntry[] | undefined, isWhole: boolean): void;
    records(now: number): Generator<SharedRecord, void, undefined>;
    closed(link: Link, now: number): void;
    poll(now: number): Output<RegistryEvent<Link>, Link>;
}
export { type Circuit, type InstanceEvent, type LegOrigin, type OwnedName, type RecordLimits, RegistryEngine, type RegistryEvent, type RegistryStatistics, RelayEngine, type RelayEngineOptions, type RelayEvent, type RelayLimits, type RelayStatistics, type SharedRecord, Topics, resolveRelayLimits };

// ./dist/encode.d.ts
import { Candidate } from "@stt/frame";
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
interface Incoming {
    readonly type: "incoming";
    readonly ticket: Uint8Array;
    readonly url: string;
}
interface Accept {
    readonly type: "accept";
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
type NoReason = "full" | "nobody" | "auth" | "rate" | "taken" | "version" | "elsewhere" | "unknown";
interface GoingAway {
    readonly type: "goingAway";
    readonly reconnectIn: number;
    readonly tryFor: number;
}
interface Heartbeat {
    readonly type: "ping" | "pong";
    readonly data: Uint8Array;
}
type RelayMessage = Greeting | Listen | Dial | Incoming | Accept | Spliced | No | GoingAway | Heartbeat;
declare const RELAY_SUBPROTOCOL = "stt-relay.v1";
type Prove = (type: number, body: Uint8Array) => Uint8Array;
declare function encodeGreeting(greeting: Omit<Greeting, "type">): Uint8Array;
declare function encodeListen(claims: readonly MailboxClaim[], prove: Prove): Uint8Array;
declare function encodeDial(mailboxes: readonly Uint8Array[], prove: Prove): Uint8Array;
declare const encodeIncoming: (ticket: Uint8Array, url?: string) => Uint8Array;
declare const encodeAccept: (ticket: Uint8Array) => Uint8Array;
declare const encodeSpliced: () => Uint8Array;
declare function encodeNo(reason: Exclude<NoReason, "unknown">, retryAfter: number, url?: string): Uint8Array;
declare const encodePing: (data: Uint8Array) => Uint8Array;
declare const encodePong: (data: Uint8Array) => Uint8Array;
declare function encodeBind(nonce: Uint8Array, size?: number): Uint8Array;
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
interface Put extends Proved {
    readonly type: "put";
    readonly topic: Uint8Array;
    readonly token: Uint8Array;
    readonly ttl: number;
    readonly blob: Uint8Array;
}
interface Get extends Proved {
    readonly type: "get";
    readonly topic: Uint8Array;
}
interface Stored {
    readonly type: "stored";
}
interface Records {
    readonly type: "records";
    readonly more: boolean;
    readonly entries: readonly RegistryEntry[];
}
interface RegistryEntry {
    readonly slot: Uint8Array;
    readonly blob: Uint8Array;
}
type RegistryMessage = Greeting | No | Put | Get | Stored | Records;
declare const REGISTRY_SUBPROTOCOL = "stt-registry.v1";
declare function encodePut({ topic, token, ttl, blob }: Pick<Put, "topic" | "token" | "ttl" | "blob">, prove: Prove): Uint8Array;
declare function encodeGet(topic: Uint8Array, prove: Prove): Uint8Array;
declare function encodeRecords(entries: readonly RegistryEntry[]): Uint8Array[];
export { type AccessProof as A, type Greeting as G, type MailboxClaim as M, type No as N, type Prove as P, type RelayMessage as R, type RegistryMessage as a, type RegistryEntry as b, type Mapping as c, MappingJudge as d, type NoReason as e, REGISTRY_SUBPROTOCOL as f, RELAY_SUBPROTOCOL as g, decodeBound as h, encodeAccept as i, encodeBind as j, encodeDial as k, encodeGet as l, encodeListen as m, encodePing as n, encodePut as o, decodeBind as p, encodeBound as q, encodeGreeting as r, encodeIncoming as s, encodeNo as t, encodePong as u, encodeRecords as v, encodeSpliced as w };
