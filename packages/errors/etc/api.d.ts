// ./dist/index.d.ts
type SttErrorCode = "STT_INVALID_ARGUMENT" | "STT_INVALID_STATE" | "STT_UNSUPPORTED" | "STT_LOAD_FAILED" | "STT_ABORTED" | "STT_TIMEOUT" | "STT_LIMIT" | "STT_DUPLICATE" | "STT_BAD_ADDRESS" | "STT_ADDRESS_IN_USE" | "STT_LISTEN_FAILED" | "STT_CONNECT_FAILED" | "STT_NOT_FOUND" | "STT_LINK_FAILED" | "STT_PEER_REFUSED" | "STT_BUSY" | "STT_HANDSHAKE_FAILED" | "STT_TRUST_STORE" | "STT_CLOCK" | "STT_RELAY_STORE" | "STT_CLOSED" | "STT_TRUNCATED" | "STT_PROTOCOL" | "STT_STREAM_RESET" | "STT_STREAM_STOPPED" | "STT_STREAM_EXPIRED" | "STT_DATAGRAM_TOO_LARGE" | "STT_MESSAGE_TOO_LARGE" | "STT_ENCODE" | "STT_DECODE" | "STT_BAD_SEED" | "STT_WEAK_SEED" | "STT_BAD_KEY" | "STT_AUTHENTICATION" | "STT_NONCE_EXHAUSTED" | "STT_DISPOSED" | "STT_WEBSOCKET_UPGRADE" | "STT_WEBSOCKET_PROTOCOL" | "STT_SEGMENT_MISSING" | "STT_SEGMENT_REPLAYED" | "STT_CHAMBER_CORRUPT" | "STT_CHAMBER_LOCKED" | "STT_CHAMBER_STORE";
type SttErrorDetails = Readonly<Record<string, string | number | boolean>>;
interface SttErrorOptions {
    readonly cause?: unknown;
    readonly details?: SttErrorDetails;
}
interface SttErrorJson {
    readonly name: "SttError";
    readonly code: SttErrorCode;
    readonly message: string;
    readonly details: SttErrorDetails;
}
declare class SttError extends Error {
    readonly name: string;
    readonly code: SttErrorCode;
    readonly details: SttErrorDetails;
    constructor(code: SttErrorCode, message: string, options?: SttErrorOptions);
    static from(value: unknown): SttError | undefined;
    toJSON(): SttErrorJson;
}
declare function isSttError(error: unknown, code?: SttErrorCode): error is SttError;
declare function abortError(signal: AbortSignal, what: string): SttError;
declare function onAbort(signal: AbortSignal, callback: () => void): () => void;
declare function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined, what: string, discard?: (late: T) => void): Promise<T>;
declare function bytesOf(value: unknown, what: string): Uint8Array;
declare function checkOptions(value: unknown, what: string, known: readonly string[]): void;
declare function checkInteger(value: unknown, what: string, min: number, max: number): asserts value is number;
declare function checkType(value: unknown, what: string, type: "boolean" | "function" | "string"): void;
declare function checkSignal(value: unknown, what: string): asserts value is AbortSignal | undefined;
declare function describe(value: unknown): string;
declare function detach(bytes: Uint8Array): void;
declare function loadPart<T>(what: string, load: () => Promise<T>): Promise<T>;
declare function printable(text: string, maximum?: number): string;
declare function utf8(text: string, what?: string): Uint8Array<ArrayBuffer>;
declare function withoutStacks<Arguments extends readonly unknown[], Result>(call: (...args: Arguments) => Result, ...args: Arguments): Result;
export { SttError, type SttErrorCode, type SttErrorDetails, type SttErrorJson, type SttErrorOptions, abortError, abortable, bytesOf, checkInteger, checkOptions, checkSignal, checkType, describe, detach, isSttError, loadPart, onAbort, printable, utf8, withoutStacks };
