// ./dist/index.d.ts
export { type OwnedName } from "@stt/rendezvous/server";
export { type C as CloseRelayOptions, type L as ListenRelayOptions, type R as Relay, type a as RelayServerStatistics, type b as RenewRelayOptions, type S as SharedStoreStatistics, l as listenRelay } from "./listen-relay.js";
import { R as RelayStore, P as Presence, S as StoredRecord, a as StoredMember, b as Share, c as StoreWatcher } from "./relay-store.js";
export { d as STORE_SIZES } from "./relay-store.js";
import "@stt/transport-ws";
import "node:http";
interface MemoryRelayStoreOptions {
    readonly now?: () => number;
}
declare class MemoryRelayStore implements RelayStore {
    #private;
    constructor({ now }?: MemoryRelayStoreOptions);
    get size(): number;
    put(entry: Presence | StoredRecord): Promise<readonly boolean[]>;
    get(mailboxes: readonly Uint8Array[]): Promise<string | undefined>;
    members(topic: Uint8Array): Promise<readonly StoredMember[]>;
    count({ kind, address, member, seconds, most }: Share): Promise<number>;
    watch(instance: string, watcher: StoreWatcher): () => void;
}
export { MemoryRelayStore, type MemoryRelayStoreOptions, type Presence, type RelayStore, type Share, type StoreWatcher, type StoredMember, type StoredRecord };

// ./dist/program.d.ts
import { L as ListenRelayOptions, R as Relay } from "./listen-relay.js";
import "@stt/transport-ws";
import "node:http";
import "@stt/rendezvous/server";
import "./relay-store.js";
interface RelayWords {
    readonly listen?: string | undefined;
    readonly access?: readonly string[] | undefined;
    readonly open?: boolean | undefined;
    readonly url?: readonly string[] | undefined;
    readonly cert?: string | undefined;
    readonly key?: string | undefined;
    readonly clientAddress?: string | undefined;
    readonly udp?: string | undefined;
    readonly page?: string | undefined;
    readonly drain?: string | undefined;
    readonly logAddresses?: boolean | undefined;
}
interface RelayCommand {
    readonly relay: ListenRelayOptions;
    readonly drain: number;
}
declare function relayCommand(words: RelayWords): RelayCommand;
interface RunRelayOptions {
    readonly log: (line: string) => void;
    readonly onListening: (relay: Pick<Relay, "url" | "udpPorts">) => void;
    readonly signal: AbortSignal;
}
declare function runRelay(read: () => RelayCommand, { log, onListening, signal }: RunRelayOptions): Promise<void>;
export { type RelayCommand, type RelayWords, type RunRelayOptions, relayCommand, runRelay };

// ./dist/testing.d.ts
import { R as RelayStore } from "./relay-store.js";
import "@stt/rendezvous/server";
interface RelayStoreSubject {
    readonly store: RelayStore;
    advance(seconds: number): Promise<void>;
}
interface RelayStoreRule {
    readonly name: string;
    check(open: () => Promise<RelayStoreSubject>): Promise<void>;
}
declare const relayStoreRules: readonly RelayStoreRule[];
export { type RelayStoreRule, type RelayStoreSubject, relayStoreRules };

// ./dist/listen-relay.d.ts
import { TlsOptions, WebSocketListenerStatistics } from "@stt/transport-ws";
import { IncomingMessage } from "node:http";
import { RelayLimits, RelayStatistics, RegistryStatistics } from "@stt/rendezvous/server";
import { R as RelayStore } from "./relay-store.js";
interface ListenRelayOptions {
    readonly host?: string;
    readonly port?: number;
    readonly path?: string;
    readonly tls?: TlsOptions;
    readonly keys?: readonly Uint8Array[];
    readonly open?: boolean;
    readonly urls?: readonly string[];
    readonly udpPorts?: readonly [
        number,
        number
    ] | false;
    readonly limits?: Partial<RelayLimits>;
    readonly clientAddress?: (request: IncomingMessage) => string | undefined;
    readonly origins?: readonly string[];
    readonly page?: ReadonlyMap<string, Uint8Array>;
    readonly store?: RelayStore;
    readonly instance?: string;
    readonly log?: (line: string) => void;
    readonly logAddresses?: boolean;
}
interface SharedStoreStatistics {
    readonly isUp: boolean;
    readonly calls: number;
    readonly failures: number;
    readonly malformed: number;
}
interface RelayServerStatistics extends RelayStatistics {
    readonly registry: RegistryStatistics;
    readonly links: WebSocketListenerStatistics;
    readonly addressesTold: number;
    readonly shared: SharedStoreStatistics | undefined;
    readonly faults: number;
}
interface RenewRelayOptions {
    readonly tls?: TlsOptions;
    readonly page?: ReadonlyMap<string, Uint8Array>;
}
interface CloseRelayOptions {
    readonly drain?: number;
}
interface Relay {
    readonly url: string;
    readonly udpPorts: readonly [
        number,
        number
    ];
    readonly isOpen: boolean;
    getStatistics(): RelayServerStatistics;
    renew(options?: RenewRelayOptions): void;
    close(options?: CloseRelayOptions): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}
declare function listenRelay(options?: ListenRelayOptions): Promise<Relay>;
export { type CloseRelayOptions as C, type ListenRelayOptions as L, type Relay as R, type SharedStoreStatistics as S, type RelayServerStatistics as a, type RenewRelayOptions as b, listenRelay as l };

// ./dist/relay-store.d.ts
import { OwnedName } from "@stt/rendezvous/server";
interface RelayStore {
    put(entry: Presence | StoredRecord): Promise<readonly boolean[]>;
    get(mailboxes: readonly Uint8Array[]): Promise<string | undefined>;
    members(topic: Uint8Array): Promise<readonly StoredMember[]>;
    count(share: Share): Promise<number>;
    watch(instance: string, watcher: StoreWatcher): () => void;
}
interface Presence {
    readonly type: "presence";
    readonly names: readonly OwnedName[];
    readonly instance: string;
    readonly isHere: boolean;
    readonly seconds: number;
}
interface StoredMember {
    readonly slot: Uint8Array;
    readonly blob: Uint8Array;
}
interface StoredRecord extends StoredMember {
    readonly type: "record";
    readonly topic: Uint8Array;
    readonly seconds: number;
    readonly address: string | undefined;
    readonly most: number;
    readonly isAgain: boolean;
}
interface Share {
    readonly kind: "listeners" | "circuits";
    readonly address: string;
    readonly member: Uint8Array;
    readonly seconds: number;
    readonly most: number;
}
interface StoreWatcher {
    onNews(news: {
        readonly type: "contested" | "moved";
        readonly mailbox: Uint8Array;
    }): void;
    onState(problem: Error | undefined): void;
}
declare const STORE_SIZES: {
    readonly mailbox: 32;
    readonly owner: 16;
    readonly slot: 16;
    readonly blobs: readonly number[];
    readonly url: 512;
    readonly members: 64;
};
export { type Presence as P, type RelayStore as R, type StoredRecord as S, type StoredMember as a, type Share as b, type StoreWatcher as c, STORE_SIZES as d };
