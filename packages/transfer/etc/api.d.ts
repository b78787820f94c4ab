// ./dist/index.d.ts
type TransferEnd = "gave-up" | "left" | "version";
declare class TransferError extends Error {
    readonly name: string;
    readonly end: TransferEnd;
    constructor(end: TransferEnd, message: string);
}
declare class Refusal extends Error {
    readonly name: string;
}
declare class NotSent extends Error {
    readonly name: string;
}
declare const CHANGED = "it changed while it was sent: send it again";
declare const NOT_WHAT_WAS_SENT = "what is on the disk is not what was sent: send it again";
interface Invitation {
    readonly phrase: string;
    readonly relays: readonly string[];
    readonly peer?: string | undefined;
}
declare function formatInvitation(invitation: Invitation, page?: string): string;
declare function parseInvitation(text: string): Invitation;
type SenderMessage = {
    readonly type: "begin";
    readonly version: number;
    readonly files: number;
    readonly bytes: number;
} | {
    readonly type: "folder";
    readonly path: string;
    readonly mode: number;
    readonly modified: number;
} | {
    readonly type: "file";
    readonly path: string;
    readonly size: number;
    readonly mode: number;
    readonly modified: number;
} | WholeFile | {
    readonly type: "from";
    readonly id: number;
    readonly offset: number;
} | {
    readonly type: "data";
    readonly bytes: Uint8Array;
} | {
    readonly type: "hole";
    readonly length: number;
} | {
    readonly type: "end";
    readonly id: number;
    readonly hash: Uint8Array;
} | {
    readonly type: "give-up";
    readonly id: number;
    readonly reason: string;
} | {
    readonly type: "all";
};
interface WholeFile {
    readonly type: "whole";
    readonly path: string;
    readonly mode: number;
    readonly modified: number;
    readonly hash: Uint8Array;
    readonly bytes: Uint8Array;
}
type ReceiverMessage = {
    readonly type: "ready";
    readonly version: number;
} | {
    readonly type: "want";
    readonly id: number;
    readonly offset: number;
    readonly hash: Uint8Array;
    readonly kept: boolean;
} | {
    readonly type: "done";
    readonly id: number;
    readonly count: number;
} | {
    readonly type: "had";
    readonly id: number;
    readonly count: number;
} | {
    readonly type: "refused";
    readonly id: number;
    readonly reason: string;
} | {
    readonly type: "abort";
    readonly reason: string;
} | {
    readonly type: "finished";
};
type Message = SenderMessage | ReceiverMessage;
declare const HASH_LENGTH = 32;
declare const MAX_PATH = 4096;
declare const MAX_WHOLE = 65536;
interface TransferStream extends AsyncIterable<Uint8Array> {
    write(bytes: Uint8Array): Promise<void>;
}
declare function encodeMessage(message: Message): Uint8Array<ArrayBuffer>;
declare class MessageReader {
    #private;
    get isBetweenMessages(): boolean;
    read(chunk: Uint8Array): Generator<Message>;
}
declare function pathProblem(path: string, isWindows: boolean): string | undefined;
declare function nameProblem(name: string, isWindows: boolean): string | undefined;
declare const MAX_DEPTH = 128;
declare class TransferProtocolError extends Error {
    readonly name: string;
}
type MaybePromise<T> = T | Promise<T>;
interface TransferEntry {
    readonly kind: "file" | "folder";
    readonly path: string;
    readonly size: number;
    readonly mode: number;
    readonly modified: number;
}
interface TransferSource<E extends TransferEntry> {
    readWhole(entry: E, bytes: Uint8Array): MaybePromise<void>;
    open(entry: E): MaybePromise<OpenSource>;
}
interface OpenSource {
    read(bytes: Uint8Array, offset: number): MaybePromise<number>;
    check(): MaybePromise<void>;
    close(): MaybePromise<void>;
}
interface TransferHash {
    update(bytes: Uint8Array): void;
    readonly value: Uint8Array;
}
interface TransferHashing {
    create(): TransferHash;
    of(bytes: Uint8Array): Uint8Array;
}
interface AnnouncedFile {
    readonly path: string;
    readonly size: number;
    readonly mode: number;
    readonly modified: number;
}
interface TransferTarget {
    addFolder(folder: Omit<AnnouncedFile, "size">): MaybePromise<void>;
    takeWhole(file: Omit<WholeFile, "type">): MaybePromise<"done" | "had">;
    announce(file: AnnouncedFile, signal: AbortSignal): MaybePromise<IncomingFile>;
    finish(onProblem: (path: string, reason: string) => void): MaybePromise<void>;
    problemOf(error: unknown): string | undefined;
    faultOf(error: unknown): TargetFault | undefined;
}
interface TargetFault {
    readonly reason: string;
    readonly error: Error;
}
interface IncomingFile {
    readonly offset: number;
    readonly hash: Uint8Array;
    readonly isThere: boolean;
    readonly kept: boolean;
    start(offset: number): MaybePromise<void>;
    write(bytes: Uint8Array): MaybePromise<void>;
    hole(length: number): MaybePromise<void>;
    end(hash: Uint8Array): MaybePromise<"received" | "same">;
    close(): MaybePromise<void>;
}
interface ReceiveEvents {
    onBegin(files: number, bytes: number): void;
    onFile(path: string, size: number, outcome: "received" | "same" | "refused", reason?: string): void;
    onProgress(bytes: number): void;
    onReceived(bytes: number): void;
}
interface ReceiveOptions {
    readonly target: TransferTarget;
    readonly signal: AbortSignal;
    readonly events: ReceiveEvents;
}
declare function receiveTransfer(stream: TransferStream, options: ReceiveOptions): Promise<void>;
type SendOutcome = "sent" | "same" | "refused" | "failed";
interface SendEvents<E extends TransferEntry = TransferEntry> {
    onFile(entry: E, outcome: SendOutcome, reason?: string): void;
    onProgress(bytes: number): void;
}
interface SendOptions<E extends TransferEntry = TransferEntry> {
    readonly entries: readonly E[];
    readonly source: TransferSource<E>;
    readonly hashing: TransferHashing;
    readonly pace?: ((length: number) => Promise<void>) | undefined;
    readonly signal: AbortSignal;
    readonly events: SendEvents<E>;
}
declare function sendTransfer<E extends TransferEntry>(stream: TransferStream, options: SendOptions<E>): Promise<void>;
type Verb = "send" | "receive" | "pipe" | "forward" | "expose" | "ping";
declare function metadataOf(verb: Verb): {
    readonly verb: string;
};
declare function verbOf(session: {
    readonly peer: {
        readonly metadata?: unknown;
    };
}): Verb | undefined;
declare function serves(listening: Verb | undefined, dialing: Verb | undefined): boolean;
declare const BACK_SOON = 75;
export { type AnnouncedFile, BACK_SOON, CHANGED, HASH_LENGTH, type IncomingFile, type Invitation, MAX_DEPTH, MAX_PATH, MAX_WHOLE, type MaybePromise, type Message, MessageReader, NOT_WHAT_WAS_SENT, NotSent, type OpenSource, type ReceiveEvents, type ReceiveOptions, type ReceiverMessage, Refusal, type SendEvents, type SendOptions, type SendOutcome, type SenderMessage, type TargetFault, type TransferEnd, type TransferEntry, TransferError, type TransferHash, type TransferHashing, TransferProtocolError, type TransferSource, type TransferStream, type TransferTarget, type Verb, type WholeFile, encodeMessage, formatInvitation, metadataOf, nameProblem, parseInvitation, pathProblem, receiveTransfer, sendTransfer, serves, verbOf };
