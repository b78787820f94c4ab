// ./dist/index.d.ts
declare const ExitCode: {
    readonly ok: 0;
    readonly failed: 1;
    readonly usage: 2;
    readonly unreachable: 3;
    readonly refused: 4;
    readonly partial: 5;
    readonly interrupted: 130;
    readonly brokenPipe: 141;
    readonly terminated: 143;
};
type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
type JsonLine = PairingLine | ListedLine | ForgottenLine | ListeningLine | PathLine | PingLine | EndedLine | FileLine | ProgressLine | SentLine | ReceivedLine | BrokenLine | ForwardingLine | ConnectionLine | ForwardedLine | RelayingLine | ObjectLine | StoredLine | FetchedLine | CheckedLine | FindingLine | ExaminedLine | ErrorLine;
interface PairingLine {
    readonly type: "pairing";
    readonly name: string;
    readonly id: string;
    readonly phrase?: string;
    readonly uri?: string;
    readonly relays: readonly string[];
}
interface ListedLine {
    readonly type: "listed";
    readonly name: string;
    readonly id?: string;
    readonly peer?: string;
    readonly relays: readonly string[];
    readonly addresses: readonly string[];
    readonly created?: string;
    readonly lastSeen?: string;
    readonly passphrase: boolean;
    readonly problem?: string;
}
interface ForgottenLine {
    readonly type: "forgotten";
    readonly name: string;
}
interface ListeningLine {
    readonly type: "listening";
    readonly name: string;
    readonly addresses: readonly string[];
}
interface PathLine {
    readonly type: "path";
    readonly peer: string;
    readonly kind: "lan" | "direct" | "relayed";
    readonly carrier: "udp" | "websocket";
    readonly address: string;
}
interface PingLine {
    readonly type: "ping";
    readonly sequence: number;
    readonly rtt: number;
    readonly kind: "lan" | "direct" | "relayed";
}
interface EndedLine {
    readonly type: "ended";
    readonly sent: number;
    readonly received: number;
}
interface FileLine {
    readonly type: "file";
    readonly path: string;
    readonly size: number;
    readonly outcome: "sent" | "received" | "same" | "refused" | "failed" | "skipped";
    readonly reason?: string;
}
interface ProgressLine {
    readonly type: "progress";
    readonly bytes: number;
    readonly total: number;
}
interface SentLine {
    readonly type: "sent";
    readonly files: number;
    readonly same: number;
    readonly refused: number;
    readonly skipped: number;
    readonly bytes: number;
}
interface ReceivedLine {
    readonly type: "received";
    readonly files: number;
    readonly same: number;
    readonly refused: number;
    readonly bytes: number;
    readonly receivedBytes: number;
}
interface BrokenLine {
    readonly type: "broken";
    readonly receivedBytes: number;
    readonly message: string;
}
interface ForwardingLine {
    readonly type: "forwarding";
    readonly local: string;
    readonly target: string;
}
interface ConnectionLine {
    readonly type: "connection";
    readonly target?: string;
    readonly outcome: "ended" | "reset" | "not-exposed" | "refused" | "unreachable" | "broken";
    readonly sent: number;
    readonly received: number;
    readonly reason?: string;
}
interface ForwardedLine {
    readonly type: "forwarded";
    readonly connections: number;
    readonly refused: number;
    readonly failed: number;
    readonly sent: number;
    readonly received: number;
}
interface RelayingLine {
    readonly type: "relaying";
    readonly url: string;
    readonly udpPorts: readonly [
        number,
        number
    ];
}
interface ObjectLine {
    readonly type: "object";
    readonly key: string;
    readonly size: number;
    readonly modified?: string;
    readonly outcome: "stored" | "fetched" | "listed" | "deleted" | "damaged" | "failed" | "skipped";
    readonly reason?: string;
}
interface StoredLine {
    readonly type: "stored";
    readonly objects: number;
    readonly bytes: number;
    readonly failed: number;
}
interface FetchedLine {
    readonly type: "fetched";
    readonly objects: number;
    readonly bytes: number;
    readonly failed: number;
}
interface CheckedLine {
    readonly type: "checked";
    readonly objects: number;
    readonly bytes: number;
    readonly damaged: number;
}
interface FindingLine {
    readonly type: "finding";
    readonly about: "network" | "proxy" | "relay" | "registry" | "clock" | "udp" | "nat" | "mtu" | "lan" | "peer" | "path";
    readonly verdict: "fine" | "limited" | "broken" | "unknown";
    readonly code: string;
    readonly message: string;
    readonly subject?: string;
    readonly rtt?: number;
    readonly ahead?: number;
    readonly address?: string;
    readonly mapping?: "none" | "eim" | "edm";
    readonly mtu?: number;
    readonly kind?: "lan" | "direct" | "relayed";
}
interface ExaminedLine {
    readonly type: "examined";
    readonly fine: number;
    readonly limited: number;
    readonly broken: number;
    readonly unknown: number;
}
interface ErrorLine {
    readonly type: "error";
    readonly exitCode: number;
    readonly code?: string;
    readonly message: string;
}
export { type BrokenLine, type CheckedLine, type ConnectionLine, type EndedLine, type ErrorLine, type ExaminedLine, ExitCode, type FetchedLine, type FileLine, type FindingLine, type ForgottenLine, type ForwardedLine, type ForwardingLine, type JsonLine, type ListedLine, type ListeningLine, type ObjectLine, type PairingLine, type PathLine, type PingLine, type ProgressLine, type ReceivedLine, type RelayingLine, type SentLine, type StoredLine };
