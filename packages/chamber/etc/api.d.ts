// ./dist/index.browser.d.ts
export { type B as ByteRange, C as Chamber, type b as ChamberAnchor, type H as ChamberHead, type c as ChamberMetadata, type f as ChamberOptions, type d as ChamberStatistics, type e as ChamberVerification, M as MemoryStore, type O as ObjectMetadata, type P as PassphraseCost, type S as StoreOptions } from "./index.browser.js";
export { type C as ChamberStore, type P as PutOptions, type S as StoreRange } from "./chamber-store.js";
import "@stt/errors";
import "@stt/serialize";

// ./dist/index.d.ts
import { C as Chamber$1, a as ChamberOptions } from "./index.browser.js";
export { type B as ByteRange, type b as ChamberAnchor, type H as ChamberHead, type c as ChamberMetadata, type d as ChamberStatistics, type e as ChamberVerification, M as MemoryStore, type O as ObjectMetadata, type P as PassphraseCost, type S as StoreOptions } from "./index.browser.js";
import { C as ChamberStore } from "./chamber-store.js";
export { type P as PutOptions, type S as StoreRange } from "./chamber-store.js";
import "@stt/errors";
import "@stt/serialize";
declare class Chamber extends Chamber$1 {
    static open(options: ChamberOptions): Promise<Chamber>;
}
declare const FilesystemStore: new (path: string) => ChamberStore;
type FilesystemStore = ChamberStore;
export { Chamber, type ChamberOptions, type ChamberStore, FilesystemStore };

// ./dist/indexed-db.d.ts
import { C as ChamberStore } from "./chamber-store.js";
interface IndexedDbChamberStore extends ChamberStore {
    close(): Promise<void>;
}
declare const IndexedDbChamberStore: new (name: string) => IndexedDbChamberStore;
export { IndexedDbChamberStore };

// ./dist/testing.d.ts
import { C as ChamberStore } from "./chamber-store.js";
interface ChamberStoreRule {
    readonly name: string;
    check(open: () => Promise<ChamberStore>): Promise<void>;
}
declare const chamberStoreRules: readonly ChamberStoreRule[];
export { type ChamberStoreRule, chamberStoreRules };

// ./dist/index.browser.d.ts
import { SttError } from "@stt/errors";
import { Encodable, Value } from "@stt/serialize";
import { S as StoreRange, C as ChamberStore } from "./chamber-store.js";
interface PassphraseCost {
    readonly memory?: number;
    readonly passes?: number;
    readonly lanes?: number;
}
interface Head {
    readonly sequence: number;
    readonly commitment: Uint8Array;
}
interface ChamberAnchor {
    load(): Promise<Head | undefined>;
    save(head: Head): Promise<void>;
}
interface ChamberStatistics {
    readonly keys: number;
    readonly bytes: number;
    readonly stores: number;
    readonly retrieves: number;
    readonly deletes: number;
    readonly bytesStored: number;
    readonly bytesRetrieved: number;
    readonly records: number;
    readonly operationsSinceCheckpoint: number;
    readonly checkpoints: number;
    readonly failedCheckpoints: number;
    readonly failedDeletes: number;
    readonly pendingDeletes: number;
    readonly droppedRecords: number;
    readonly removedObjects: number;
}
type ByteRange = Partial<StoreRange>;
type ChamberOptions = CommonOptions & Place & SecretOptions;
type PortableOptions = CommonOptions & PlaceInStore & SecretOptions;
interface CommonOptions {
    readonly id: string;
    readonly durability?: "durable" | "relaxed";
    readonly readOnly?: boolean;
    readonly anchor?: ChamberAnchor;
    readonly signal?: AbortSignal;
}
type Place = {
    readonly path: string;
    readonly store?: never;
} | PlaceInStore;
type PlaceInStore = {
    readonly store: ChamberStore;
    readonly path?: never;
};
type SecretOptions = {
    readonly key: Uint8Array;
    readonly passphrase?: never;
    readonly argon2id?: never;
} | {
    readonly passphrase: string;
    readonly key?: never;
    readonly argon2id?: PassphraseCost;
};
interface StoreOptions {
    readonly metadata?: Encodable;
    readonly signal?: AbortSignal;
}
interface ObjectMetadata {
    readonly key: string;
    readonly size: number;
    readonly createdAt: number;
    readonly modifiedAt: number;
    readonly generation: number;
    readonly metadata: Value | undefined;
}
interface ChamberMetadata {
    readonly id: string;
    readonly totalKeys: number;
    readonly totalBytes: number;
}
interface ChamberVerification {
    readonly keys: number;
    readonly damaged: readonly {
        readonly key: string;
        readonly error: SttError;
    }[];
}
declare class Chamber {
    #private;
    protected constructor(parts: {});
    static open(options: PortableOptions): Promise<Chamber>;
    store(key: string, source: Uint8Array | AsyncIterable<Uint8Array>, options?: StoreOptions): Promise<void>;
    retrieve(key: string, options?: {
        readonly maxBytes?: number;
    }): Promise<Uint8Array<ArrayBuffer> | undefined>;
    retrieveStream(key: string, range?: ByteRange): Promise<AsyncIterableIterator<Uint8Array<ArrayBuffer>> | undefined>;
    getMetadata(key: string): Promise<ObjectMetadata | undefined>;
    getMetadata(): Promise<ChamberMetadata>;
    delete(key: string): Promise<boolean>;
    has(key: string): Promise<boolean>;
    list(options?: {
        readonly prefix?: string;
    }): Promise<string[]>;
    verify(options?: {
        readonly signal?: AbortSignal;
    }): Promise<ChamberVerification>;
    changePassphrase(passphrase: string, cost?: PassphraseCost): Promise<void>;
    getStatistics(): ChamberStatistics;
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}
declare const MemoryStore: new () => ChamberStore;
type MemoryStore = ChamberStore;
export { type ByteRange as B, Chamber as C, type Head as H, MemoryStore as M, type ObjectMetadata as O, type PassphraseCost as P, type StoreOptions as S, type ChamberOptions as a, type ChamberAnchor as b, type ChamberMetadata as c, type ChamberStatistics as d, type ChamberVerification as e, type PortableOptions as f };

// ./dist/chamber-store.d.ts
interface StoreRange {
    readonly start: number;
    readonly end: number;
}
interface PutOptions {
    readonly durable: boolean;
    readonly urgent?: boolean;
}
interface ChamberStore {
    get(name: string, range?: StoreRange): Promise<AsyncIterable<Uint8Array> | undefined>;
    putIfAbsent(name: string, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<boolean>;
    delete(name: string): Promise<void>;
    list(prefix: string): AsyncIterable<string>;
    lock(scope: string): Promise<() => Promise<void>>;
}
export type { ChamberStore as C, PutOptions as P, StoreRange as S };
