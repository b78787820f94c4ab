// ./dist/index.d.ts
import { Link } from "@stt/frame";
interface UdpRemote {
    readonly address: string;
    readonly port: number;
}
declare function formatUdpUrl(remote: UdpRemote): string;
declare function parseUdpUrl(url: string): {
    readonly host: string;
    readonly port: number;
};
interface UdpSocketOptions {
    readonly maxPacketSize?: number;
    readonly probeUpTo?: number;
    readonly receiveBufferSize?: number;
    readonly sendBufferSize?: number;
}
interface UdpDialOptions extends UdpSocketOptions {
    readonly signal?: AbortSignal;
    readonly localHost?: string;
    readonly localPort?: number;
}
interface UdpListenOptions extends UdpSocketOptions {
    readonly host?: string;
    readonly port?: number;
}
type UdpOptions = UdpDialOptions & UdpListenOptions;
declare function checkUdpOptions(options: UdpOptions, what: string, known: readonly (keyof UdpOptions)[]): void;
interface UdpSocketStatistics {
    readonly packetsSent: number;
    readonly bytesSent: number;
    readonly packetsReceived: number;
    readonly bytesReceived: number;
    readonly sendErrors: Readonly<Record<string, number>>;
    readonly droppedOverflow: number;
    readonly droppedTooLarge: number;
    readonly droppedBadSource: number;
    readonly droppedForeign: number;
    readonly outstanding: number;
    readonly receiveBuffer: UdpBuffer;
    readonly sendBuffer: UdpBuffer;
}
interface UdpBuffer {
    readonly requested: number;
    readonly granted: number;
}
interface UdpLink extends Link {
    readonly local: string;
    readonly basePacketSize: number;
    close(): Promise<void>;
    getStatistics(): UdpSocketStatistics;
}
declare function dialUdp(url: string, options?: UdpDialOptions): Promise<UdpLink>;
interface UdpListener {
    readonly address: string;
    onPacket: (packet: Uint8Array, link: UdpLink) => void;
    link(remote: UdpRemote, hops?: number): UdpLink;
    close(): Promise<void>;
    getStatistics(): UdpSocketStatistics;
}
declare function listenUdp(options?: UdpListenOptions): Promise<UdpListener>;
export { type UdpBuffer, type UdpDialOptions, type UdpLink, type UdpListenOptions, type UdpListener, type UdpOptions, type UdpRemote, type UdpSocketOptions, type UdpSocketStatistics, checkUdpOptions, dialUdp, formatUdpUrl, listenUdp, parseUdpUrl };
