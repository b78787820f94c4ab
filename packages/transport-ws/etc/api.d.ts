// ./dist/browser.d.ts
import { T as Timers } from "./close-code.js";
export { type A as AdoptWebSocketOptions, W as WebSocketCloseCode, type a as WhatwgWebSocket, b as adoptWebSocket } from "./close-code.js";
import { Link } from "@stt/frame";
interface BrowserDialOptions {
    readonly signal?: AbortSignal;
    readonly subprotocol?: string;
    readonly remote?: string;
    readonly timers?: Timers;
}
declare function dialWebSocket(address: string, options?: BrowserDialOptions): Promise<Link>;
export { type BrowserDialOptions, type Timers, dialWebSocket };

// ./dist/index.d.ts
import { T as Timers } from "./close-code.js";
export { type A as AdoptWebSocketOptions, W as WebSocketCloseCode, type a as WhatwgWebSocket, b as adoptWebSocket } from "./close-code.js";
import { Link } from "@stt/frame";
import { IncomingMessage, ServerResponse, Server as Server$1 } from "node:http";
import { Server as Server$2 } from "node:https";
import { SecureContextOptions, Server } from "node:tls";
declare function addressGroup(address: string): string;
type FrameEvent = {
    readonly type: "message" | "ping" | "pong";
    readonly data: Uint8Array;
} | {
    readonly type: "close";
    readonly code: number | undefined;
    readonly reason: string;
} | {
    readonly type: "violation";
    readonly code: number;
    readonly message: string;
};
declare class FrameDecoder {
    #private;
    constructor(role: "server" | "client");
    push(given: Uint8Array): void;
    next(): FrameEvent | undefined;
    trim(): void;
    get storedBytes(): number;
}
declare const Opcode: {
    readonly continuation: 0;
    readonly text: 1;
    readonly binary: 2;
    readonly close: 8;
    readonly ping: 9;
    readonly pong: 10;
};
type Opcode = (typeof Opcode)[keyof typeof Opcode];
declare function encodeFrame(opcode: Opcode, given: Uint8Array, maskKey?: number): Uint8Array<ArrayBuffer>;
declare function encodeClose(code?: number, reason?: string): Uint8Array<ArrayBuffer>;
interface WebSocketLimits {
    readonly headerTimeout: number;
    readonly dialTimeout: number;
    readonly maxHeaderSize: number;
    readonly proofTimeout: number;
    readonly pingInterval: number;
    readonly idleTimeout: number;
    readonly closeTimeout: number;
    readonly maxControlFrames: number;
    readonly highWaterMark: number;
    readonly maxLinks: number;
    readonly maxLinksPerAddress: number;
    readonly maxUnproved: number;
    readonly maxUnprovedPerAddress: number;
    readonly maxSilence: number;
}
interface WebSocketLinkStatistics {
    readonly packetsSent: number;
    readonly packetsReceived: number;
    readonly bytesSent: number;
    readonly bytesReceived: number;
    readonly queuedBytes: number;
}
interface WebSocketLink extends Link {
    confirm(): void;
    refuse(code: 1008 | 1013, reason: string): void;
    pause(): void;
    resume(): void;
    getStatistics(): WebSocketLinkStatistics;
}
interface TlsOptions {
    readonly cert: NonNullable<SecureContextOptions["cert"]>;
    readonly key: NonNullable<SecureContextOptions["key"]>;
}
declare const isSecureServer: (server: unknown) => server is Server;
interface DialWebSocketOptions {
    readonly signal?: AbortSignal;
    readonly headers?: Readonly<Record<string, string>>;
    readonly ca?: SecureContextOptions["ca"];
    readonly serverName?: string;
    readonly ipAddress?: string;
    readonly proxy?: string | false;
    readonly subprotocol?: string;
    readonly remote?: string;
    readonly limits?: Partial<WebSocketLimits>;
    readonly timers?: Timers;
}
interface ListenWebSocketOptions {
    readonly path?: string;
    readonly origins?: readonly string[];
    readonly clientAddress?: (request: IncomingMessage) => string | undefined;
    readonly subprotocols?: readonly string[];
    readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void;
    readonly onFault?: (cause: unknown) => void;
    readonly limits?: Partial<WebSocketLimits>;
    readonly timers?: Timers;
    readonly host?: string;
    readonly port?: number;
    readonly server?: Server$1 | Server$2;
    readonly tls?: TlsOptions;
}
type WebSocketOptions = DialWebSocketOptions & ListenWebSocketOptions;
declare function checkWebSocketOptions(options: WebSocketOptions, what: string, known: readonly (keyof WebSocketOptions)[]): void;
declare function dialWebSocket(address: string, options?: DialWebSocketOptions): Promise<WebSocketLink>;
declare function proxyOf(address: string, { proxy }?: Pick<DialWebSocketOptions, "proxy">): NamedProxy | undefined;
interface NamedProxy {
    readonly host: string;
    readonly from: string;
}
interface WebSocketListenerStatistics {
    readonly links: number;
    readonly unproved: number;
    readonly waiting: number;
    readonly evicted: number;
    readonly accepted: number;
    readonly refused: number;
}
interface WebSocketOrigin {
    readonly isShared: boolean;
    readonly address: string;
    readonly port: number;
    readonly subprotocol: string;
}
interface WebSocketListener {
    onLink: (link: WebSocketLink, origin: WebSocketOrigin) => void;
    readonly address: string;
    getStatistics(): WebSocketListenerStatistics;
    renewTls(tls: TlsOptions): void;
    refuseNew(): void;
    close(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}
declare function listenWebSocket(options?: ListenWebSocketOptions): Promise<WebSocketListener>;
export { type DialWebSocketOptions, FrameDecoder, type FrameEvent, type ListenWebSocketOptions, type NamedProxy, Opcode, type Timers, type TlsOptions, type WebSocketLimits, type WebSocketLink, type WebSocketLinkStatistics, type WebSocketListener, type WebSocketListenerStatistics, type WebSocketOptions, type WebSocketOrigin, addressGroup, checkWebSocketOptions, dialWebSocket, encodeClose, encodeFrame, isSecureServer, listenWebSocket, proxyOf };

// ./dist/close-code.d.ts
import { Link } from "@stt/frame";
interface Timers {
    set(callback: () => void, delay: number): unknown;
    clear(handle: unknown): void;
    now(): number;
}
interface WhatwgWebSocket {
    binaryType: string;
    readonly bufferedAmount: number;
    readonly protocol: string;
    readonly readyState: number;
    readonly url: string;
    send(data: Uint8Array<ArrayBuffer>): void;
    close(code?: number, reason?: string): void;
    addEventListener(type: "open" | "message" | "close" | "error", listener: (event: any) => void): void;
    removeEventListener(type: "open" | "message" | "close" | "error", listener: (event: any) => void): void;
}
interface AdoptWebSocketOptions {
    readonly signal?: AbortSignal;
    readonly timers?: Timers;
    readonly subprotocol?: string;
    readonly remote?: string;
    readonly highWaterMark?: number;
}
declare function adoptWebSocket(socket: WhatwgWebSocket, options?: AdoptWebSocketOptions): Promise<Link>;
declare const WebSocketCloseCode: {
    readonly normal: 1000;
    readonly goingAway: 1001;
    readonly protocolError: 1002;
    readonly unsupportedData: 1003;
    readonly invalidPayload: 1007;
    readonly policyViolation: 1008;
    readonly messageTooBig: 1009;
    readonly internalError: 1011;
    readonly tryAgainLater: 1013;
};
type WebSocketCloseCode = (typeof WebSocketCloseCode)[keyof typeof WebSocketCloseCode];
export { type AdoptWebSocketOptions as A, type Timers as T, WebSocketCloseCode as W, type WhatwgWebSocket as a, adoptWebSocket as b };
