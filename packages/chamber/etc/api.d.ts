// ./dist/index.d.ts
import { SttError } from "@stt/errors";
import { Encodable, Value } from "@stt/serialize";
import { C as ChamberStore, S as StoreRange, P as PutOptions } from "./chamber-store.js";
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
type ChamberOptions = CommonOptions & Place & SecretOptions;
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
} | {
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
interface ByteRange {
    readonly start?: number;
    readonly end?: number;
}
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
    private constructor();
    static open(options: ChamberOptions): Promise<Chamber>;
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
declare class FilesystemStore implements ChamberStore {
    #private;
    constructor(path: string);
    get(name: string, range?: StoreRange): Promise<AsyncIterable<Uint8Array<ArrayBuffer>> | undefined>;
    putIfAbsent(name: string, source: AsyncIterable<Uint8Array>, options: PutOptions): Promise<boolean>;
    delete(name: string): Promise<void>;
    list(prefix: string): AsyncIterable<string>;
    lock(scope: string): Promise<() => Promise<void>>;
}
declare class MemoryStore implements ChamberStore {
    #private;
    get(name: string, range?: StoreRange): Promise<AsyncIterable<Uint8Array> | undefined>;
    putIfAbsent(name: string, source: AsyncIterable<Uint8Array>): Promise<boolean>;
    delete(name: string): Promise<void>;
    list(prefix: string): AsyncIterable<string>;
    lock(scope: string): Promise<() => Promise<void>>;
}
export { type ByteRange, Chamber, type ChamberAnchor, type Head as ChamberHead, type ChamberMetadata, type ChamberOptions, type ChamberStatistics, type ChamberStore, type ChamberVerification, FilesystemStore, MemoryStore, type ObjectMetadata, type PassphraseCost, type PutOptions, type StoreOptions, type StoreRange };

// ./dist/testing.d.ts
import { C as ChamberStore } from "./chamber-store.js";
interface ChamberStoreRule {
    readonly name: string;
    check(open: () => Promise<ChamberStore>): Promise<void>;
}
declare const chamberStoreRules: readonly ChamberStoreRule[];
export { type ChamberStoreRule, chamberStoreRules };

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
