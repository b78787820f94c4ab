// ./dist/index.d.ts
import { Link } from "@stt/frame";
import { PathController, RttEstimator, SentPacket, PathStatistics } from "@stt/session";
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
    readonly kind: "datagram";
    readonly local: string;
    readonly basePacketSize: number;
    getStatistics(): UdpTraffic;
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
    onDatagram: (packet: Uint8Array, remote: UdpRemote) => void;
    send(packet: Uint8Array, remote: UdpRemote): boolean;
    link(remote: UdpRemote): UdpLink;
    close(): Promise<void>;
    getStatistics(): UdpListenerStatistics;
}
interface UdpListenerStatistics extends UdpSocketStatistics {
    readonly links: number;
    readonly strangerPackets: number;
}
declare function listenUdp(options?: UdpListenOptions): Promise<UdpListener>;
type UdpOptions = UdpDialOptions & UdpListenOptions;
declare function checkUdpOptions(options: UdpOptions, what: string, known: readonly (keyof UdpOptions)[]): void;
interface AcknowledgedBytes {
    readonly bytes: number;
    readonly sentAt: number;
    readonly applicationLimited: boolean;
    readonly smoothedRtt: number;
    readonly latestRtt: number;
}
interface CongestionController {
    readonly window: number;
    readonly inSlowStart: boolean;
    onAcknowledged(acknowledged: AcknowledgedBytes, now: number): void;
    onCongestion(): void;
    undoCongestion(): void;
    onPersistentCongestion(): void;
    setMaxDatagramSize(size: number): void;
}
type CongestionControllerFactory = (maxDatagramSize: number) => CongestionController;
declare class Cubic implements CongestionController {
    #private;
    constructor(maxDatagramSize: number);
    get window(): number;
    get inSlowStart(): boolean;
    onAcknowledged(acknowledged: AcknowledgedBytes, now: number): void;
    onCongestion(): void;
    undoCongestion(): void;
    onPersistentCongestion(): void;
    setMaxDatagramSize(size: number): void;
}
declare class NewReno implements CongestionController {
    #private;
    constructor(maxDatagramSize: number);
    get window(): number;
    get inSlowStart(): boolean;
    onAcknowledged({ bytes, applicationLimited }: AcknowledgedBytes): void;
    onCongestion(): void;
    undoCongestion(): void;
    onPersistentCongestion(): void;
    setMaxDatagramSize(size: number): void;
}
interface PathControllerOptions {
    readonly maxDatagramSize: number;
    readonly probeUpTo?: number;
    readonly congestion?: CongestionControllerFactory;
}
declare function createPathController(options: PathControllerOptions): UdpPathController;
declare class UdpPathController implements PathController {
    #private;
    readonly rtt: RttEstimator;
    constructor({ maxDatagramSize, probeUpTo, congestion }: PathControllerOptions);
    get maxDatagramSize(): number;
    sizeProbe(now: number): number;
    get probesWanted(): number;
    canSend(size: number, now: number): boolean;
    nextSendAt(now: number): number;
    onPacketSent(packet: SentPacket, now: number): void;
    onApplicationLimited(): void;
    onStall(now: number): void;
    onAcknowledged(acknowledged: readonly SentPacket[], largestNewlyAcknowledged: boolean, ackDelay: number, now: number, lost: SentPacket[]): void;
    get timeout(): number;
    onTimeout(now: number, lost: SentPacket[]): void;
    get probeTimeout(): number;
    getStatistics(): PathStatistics;
}
export { type AcknowledgedBytes, type CongestionController, type CongestionControllerFactory, Cubic, NewReno, type PacketSizes, type PathControllerOptions, type UdpBuffer, type UdpBufferOptions, type UdpDialOptions, type UdpDialedLink, type UdpLink, type UdpListenOptions, type UdpListener, type UdpListenerStatistics, type UdpOptions, type UdpPathController, type UdpRemote, type UdpSocketStatistics, type UdpTraffic, checkUdpOptions, createPathController, dialUdp, formatUdpUrl, listenUdp, parseUdpUrl };
