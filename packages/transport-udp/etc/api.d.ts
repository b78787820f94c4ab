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
interface UdpTraffic {
    readonly packetsSent: number;
    readonly bytesSent: number;
    readonly packetsReceived: number;
    readonly bytesReceived: number;
}
interface UdpSocketStatistics extends UdpTraffic {
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
interface UdpBufferOptions {
    readonly receiveBufferSize?: number;
    readonly sendBufferSize?: number;
}
interface UdpLink extends Link {
    readonly local: string;
    readonly basePacketSize: number;
}
interface PacketSizes {
    readonly maxPacketSize?: number;
    readonly probeUpTo?: number;
}
interface UdpDialOptions extends UdpBufferOptions, PacketSizes {
    readonly signal?: AbortSignal;
    readonly localHost?: string;
    readonly localPort?: number;
}
interface UdpDialedLink extends UdpLink {
    getStatistics(): UdpSocketStatistics;
    readonly closed: Promise<void>;
}
declare function dialUdp(url: string, options?: UdpDialOptions): Promise<UdpDialedLink>;
interface UdpListenOptions extends UdpBufferOptions, PacketSizes {
    readonly host?: string;
    readonly port?: number;
}
interface UdpListener {
    readonly address: string;
    onPacket: (packet: Uint8Array, link: UdpLink) => void;
    link(remote: UdpRemote, hops?: number): UdpLink;
    close(): Promise<void>;
    getStatistics(): UdpSocketStatistics;
}
declare function listenUdp(options?: UdpListenOptions): Promise<UdpListener>;
type UdpOptions = UdpDialOptions & UdpListenOptions;
declare function checkUdpOptions(options: UdpOptions, what: string, known: readonly (keyof UdpOptions)[]): void;
export { type PacketSizes, type UdpBuffer, type UdpBufferOptions, type UdpDialOptions, type UdpDialedLink, type UdpLink, type UdpListenOptions, type UdpListener, type UdpOptions, type UdpRemote, type UdpSocketStatistics, type UdpTraffic, checkUdpOptions, dialUdp, formatUdpUrl, listenUdp, parseUdpUrl };
