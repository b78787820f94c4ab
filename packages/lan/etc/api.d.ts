// ./dist/index.d.ts
import { Entropy } from "@stt/crypto";
import { SttError } from "@stt/errors";
interface LanPorts {
    readonly udp: number;
    readonly ws: number;
}
type Hearing = "others" | "itself" | "nothing";
interface LanStatistics {
    readonly received: number;
    readonly dropped: number;
    readonly wrong: number;
}
interface LanPeer {
    readonly id: Uint8Array;
    readonly addresses: readonly string[];
    readonly ttl: number;
}
interface LanState {
    readonly name: string;
    readonly address: string;
    readonly answers: boolean;
    readonly heard: Hearing;
}
interface LanOptions {
    readonly id: Uint8Array;
    readonly keys: () => readonly Uint8Array[];
    readonly ports: (address: string) => LanPorts;
    readonly isUsed?: (name: string, isInternal: boolean) => boolean;
    readonly entropy: Entropy;
    readonly onSeen: (peer: LanPeer) => void;
    readonly onGone: (id: Uint8Array) => void;
    readonly onProblem: (error: SttError) => void;
}
interface Lan {
    readonly interfaces: readonly LanState[];
    explainSilence(): string | undefined;
    watch(): void;
    unwatch(): void;
    changed(): void;
    keysReplaced(): void;
    getStatistics(): LanStatistics;
    close(): Promise<void>;
}
declare function startLan(options: LanOptions): Lan;
export { type Hearing, type Lan, type LanOptions, type LanPeer, type LanPorts, type LanState, type LanStatistics, startLan };
