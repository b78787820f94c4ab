// ./dist/index.d.ts
import { C as CryptoProvider, E as Entropy, A as AeadKey, K as KeyPair } from "./provider.js";
export { type a as Kem, type b as KemKeyPair } from "./provider.js";
interface Cke {
    derive(secret: Uint8Array, label: string, context: Uint8Array, length: number): Uint8Array<ArrayBuffer>;
    streamContext(exporter: Uint8Array, streamId: number | bigint): Uint8Array<ArrayBuffer>;
    exportKey(exporter: Uint8Array, label: string, length: number): Uint8Array<ArrayBuffer>;
}
declare function createCke(provider: CryptoProvider): Cke;
interface Phe {
    digest(domain: string, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
    hash(data: Uint8Array, entropy?: Entropy): Uint8Array<ArrayBuffer>;
    verify(data: Uint8Array, hash: Uint8Array): boolean;
}
declare function createPhe(provider: CryptoProvider): Phe;
interface Argon2idOptions {
    readonly passes: number;
    readonly memory: number;
    readonly lanes: number;
    readonly length: number;
    readonly signal?: AbortSignal;
}
declare function argon2id(password: Uint8Array, salt: Uint8Array, options: Argon2idOptions): Promise<Uint8Array<ArrayBuffer>>;
declare function equalBytes(first: Uint8Array, second: Uint8Array): boolean;
declare function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
declare function toHex(bytes: Uint8Array): string;
declare function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined;
declare function toBase32(given: Uint8Array): string;
declare const CHUNK_LENGTH = 16384;
declare const CHUNK_HEADER_LENGTH: number;
declare function sealedLength(length: number): number;
declare function plaintextLength(sealed: number): number | undefined;
interface ChunkRange {
    readonly firstChunk: number;
    readonly start: number;
    readonly end: number;
    readonly skip: number;
}
declare function sealedRange(start: number, end: number): ChunkRange;
interface ChunkSuite {
    readonly aeadName: string;
    aead(key: Uint8Array): Omit<AeadKey, "openToOwnBuffer">;
    expand(key: Uint8Array, info: Uint8Array, length: number): Uint8Array<ArrayBuffer>;
}
declare function createChunkSuite(provider: CryptoProvider): ChunkSuite;
interface ChunkKeys {
    readonly key: Uint8Array<ArrayBuffer>;
    readonly baseNonce: Uint8Array<ArrayBuffer>;
    readonly commitment: Uint8Array<ArrayBuffer>;
}
declare function deriveChunkKeys(suite: ChunkSuite, inputKey: Uint8Array, salt: Uint8Array, context: Uint8Array): ChunkKeys;
interface ChunkOpenerOptions {
    readonly key: Uint8Array;
    readonly context: Uint8Array;
    readonly header: Uint8Array;
    readonly firstChunk?: number;
    readonly suite?: ChunkSuite;
}
declare class ChunkOpener {
    #private;
    constructor(options: ChunkOpenerOptions);
    update(given: Uint8Array): Uint8Array<ArrayBuffer>;
    finish(): Uint8Array<ArrayBuffer>;
    dispose(): void;
}
declare function openChunks(given: Uint8Array, options: Omit<ChunkOpenerOptions, "header" | "firstChunk">): Uint8Array<ArrayBuffer>;
interface ChunkSealerOptions {
    readonly key: Uint8Array;
    readonly context: Uint8Array;
    readonly entropy?: Entropy;
    readonly suite?: ChunkSuite;
}
declare class ChunkSealer {
    #private;
    readonly header: Uint8Array<ArrayBuffer>;
    constructor(options: ChunkSealerOptions);
    update(given: Uint8Array): Uint8Array<ArrayBuffer>;
    finish(): Uint8Array<ArrayBuffer>;
    dispose(): void;
}
declare function sealChunks(given: Uint8Array, options: ChunkSealerOptions): Uint8Array<ArrayBuffer>;
declare abstract class Secret {
    #private;
    protected constructor(kind: string);
    toString(): string;
    toJSON(): string;
}
declare class Identity extends Secret {
    #private;
    readonly id: Uint8Array<ArrayBuffer>;
    readonly keyPair: KeyPair;
    readonly configured: boolean;
    private constructor();
    static generate(entropy?: Entropy, provider?: CryptoProvider): Identity;
    static fromPrivateKey(privateKey: Uint8Array, provider?: CryptoProvider): Identity;
    get publicKey(): Uint8Array<ArrayBuffer>;
    resetKey(): Uint8Array<ArrayBuffer>;
    mailboxToken(mailbox: Uint8Array): Uint8Array<ArrayBuffer>;
    slotToken(topic: Uint8Array): Uint8Array<ArrayBuffer>;
    toBytes(): Uint8Array<ArrayBuffer>;
    dispose(): void;
}
interface CipherState {
    encryptWithAd(ad: Uint8Array, plaintext: Uint8Array): Uint8Array<ArrayBuffer>;
    decryptWithAd(ad: Uint8Array, ciphertext: Uint8Array, accept?: (plaintext: Uint8Array) => boolean): Uint8Array<ArrayBuffer> | undefined;
    dispose(): void;
}
interface NoisePattern {
    readonly name: string;
    readonly messages: string;
}
type NoisePsk = Uint8Array | ((remoteStatic: Uint8Array | undefined) => Uint8Array | undefined);
interface NoiseHandshakeConfig {
    readonly pattern: NoisePattern;
    readonly initiator: boolean;
    readonly prologue: Uint8Array;
    readonly staticKey?: KeyPair;
    readonly remoteStatic?: Uint8Array;
    readonly psks?: readonly (NoisePsk | undefined)[];
    readonly provider?: CryptoProvider;
}
declare class NoiseHandshake {
    #private;
    constructor(config: NoiseHandshakeConfig);
    get remoteStatic(): Uint8Array<ArrayBuffer> | undefined;
    get remoteEphemeral(): Uint8Array<ArrayBuffer> | undefined;
    get handshakeHash(): Uint8Array<ArrayBuffer>;
    get complete(): boolean;
    get writing(): boolean;
    setPsk(index: number, psk: NoisePsk): void;
    writeMessage(payload: Uint8Array, ephemeral?: KeyPair): Uint8Array<ArrayBuffer>;
    readMessage(message: Uint8Array, accept?: (payload: Uint8Array, remoteStatic: Uint8Array | undefined) => boolean): Uint8Array<ArrayBuffer> | undefined;
    exportChainingKey(): Uint8Array<ArrayBuffer>;
    split(): {
        send: CipherState;
        receive: CipherState;
    };
    dispose(): void;
}
declare function noisePattern(name: string): NoisePattern;
interface PassphraseOptions {
    readonly networkId?: string;
    readonly acceptOfflineGuessing?: boolean;
    readonly signal?: AbortSignal;
}
interface RendezvousKeys {
    readonly rendezvous: Uint8Array<ArrayBuffer>;
    readonly access: Uint8Array<ArrayBuffer>;
    readonly lan: Uint8Array<ArrayBuffer>;
    dispose(): void;
}
interface SeedKeys {
    readonly psk0: Uint8Array<ArrayBuffer>;
    readonly psk3: Uint8Array<ArrayBuffer>;
    readonly mac1: Uint8Array<ArrayBuffer>;
    dispose(): void;
}
declare class Seed extends Secret {
    #private;
    private constructor();
    static generate(entropy?: Entropy): Seed;
    static fromBytes(given: Uint8Array): Seed;
    static fromHex(text: string): Seed;
    static generatePhrase(entropy?: Entropy, provider?: CryptoProvider): string;
    static fromPassphrase(phrase: string, options?: PassphraseOptions, provider?: CryptoProvider): Promise<Seed>;
    deriveKeys(provider?: CryptoProvider): SeedKeys;
    deriveRendezvousKeys(provider?: CryptoProvider): RendezvousKeys;
    toBytes(): Uint8Array<ArrayBuffer>;
    toHex(): string;
    dispose(): void;
}
declare const provider: CryptoProvider;
declare const randomBytes: Entropy;
declare const phe: Phe;
declare const cke: Cke;
export { type AeadKey, type Argon2idOptions, CHUNK_HEADER_LENGTH, CHUNK_LENGTH, type ChunkKeys, ChunkOpener, type ChunkOpenerOptions, type ChunkRange, ChunkSealer, type ChunkSealerOptions, type ChunkSuite, type CipherState, type Cke, type CryptoProvider, type Entropy, Identity, type KeyPair, NoiseHandshake, type NoiseHandshakeConfig, type NoisePattern, type NoisePsk, type PassphraseOptions, type Phe, type RendezvousKeys, Seed, type SeedKeys, argon2id, cke, concatBytes, createChunkSuite, createCke, createPhe, deriveChunkKeys, equalBytes, fromHex, noisePattern, openChunks, phe, plaintextLength, provider, randomBytes, sealChunks, sealedLength, sealedRange, toBase32, toHex };

// ./dist/sodium.d.ts
import { C as CryptoProvider } from "./provider.js";
declare const sodiumProvider: CryptoProvider;
export { sodiumProvider };

// ./dist/provider.d.ts
type Entropy = (length: number) => Uint8Array;
interface AeadKey {
    seal(nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array, out: Uint8Array, offset?: number): number;
    open(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array, out: Uint8Array, offset?: number): number;
    openToOwnBuffer(nonce: Uint8Array, ad: Uint8Array, ciphertext: Uint8Array): Uint8Array<ArrayBuffer> | undefined;
    dispose(): void;
}
interface KeyPair {
    readonly publicKey: Uint8Array<ArrayBuffer>;
    agree(peerPublicKey: Uint8Array): Uint8Array<ArrayBuffer>;
    dispose(): void;
}
interface KemKeyPair {
    readonly publicKey: Uint8Array<ArrayBuffer>;
    decapsulate(ciphertext: Uint8Array): Uint8Array<ArrayBuffer>;
    dispose(): void;
}
interface Kem {
    generate(entropy: Entropy): KemKeyPair;
    encapsulate(publicKey: Uint8Array, entropy: Entropy): {
        ciphertext: Uint8Array<ArrayBuffer>;
        sharedSecret: Uint8Array<ArrayBuffer>;
    };
}
interface CryptoProvider {
    readonly name: string;
    hash(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
    hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer>;
    aead(key: Uint8Array): AeadKey;
    keyPair(privateKey: Uint8Array): KeyPair;
    generateKeyPair(entropy: Entropy): KeyPair;
    readonly kem: Kem;
    prepare?(): Promise<void>;
}
export type { AeadKey as A, CryptoProvider as C, Entropy as E, KeyPair as K, Kem as a, KemKeyPair as b };
