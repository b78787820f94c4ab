// ./dist/index.d.ts
import { TlsOptions, WebSocketListenerStatistics } from "@stt/transport-ws";
import { IncomingMessage } from "node:http";
import { RelayLimits, RelayStatistics, RegistryStatistics } from "@stt/rendezvous";
interface ListenRelayOptions {
    readonly host?: string;
    readonly port?: number;
    readonly path?: string;
    readonly tls?: TlsOptions;
    readonly keys?: readonly Uint8Array[];
    readonly open?: boolean;
    readonly urls?: readonly string[];
    readonly udpPorts?: readonly [
        number,
        number
    ] | false;
    readonly limits?: Partial<RelayLimits>;
    readonly clientAddress?: (request: IncomingMessage) => string | undefined;
    readonly origins?: readonly string[];
    readonly page?: ReadonlyMap<string, Uint8Array>;
    readonly log?: (line: string) => void;
    readonly logAddresses?: boolean;
}
interface RelayServerStatistics extends RelayStatistics {
    readonly registry: RegistryStatistics;
    readonly links: WebSocketListenerStatistics;
    readonly addressesTold: number;
    readonly faults: number;
}
interface RenewRelayOptions {
    readonly tls?: TlsOptions;
    readonly page?: ReadonlyMap<string, Uint8Array>;
}
interface CloseRelayOptions {
    readonly drain?: number;
}
interface Relay {
    readonly url: string;
    readonly udpPorts: readonly [
        number,
        number
    ];
    readonly isOpen: boolean;
    getStatistics(): RelayServerStatistics;
    renew(options?: RenewRelayOptions): void;
    close(options?: CloseRelayOptions): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}
declare function listenRelay(options?: ListenRelayOptions): Promise<Relay>;
export { type CloseRelayOptions, type ListenRelayOptions, type Relay, type RelayServerStatistics, type RenewRelayOptions, listenRelay };

// ./dist/program.d.ts
import { ListenRelayOptions, Relay } from "./index.js";
import "@stt/transport-ws";
import "node:http";
import "@stt/rendezvous";
interface RelayWords {
    readonly listen?: string | undefined;
    readonly access?: readonly string[] | undefined;
    readonly open?: boolean | undefined;
    readonly url?: readonly string[] | undefined;
    readonly cert?: string | undefined;
    readonly key?: string | undefined;
    readonly clientAddress?: string | undefined;
    readonly udp?: string | undefined;
    readonly page?: string | undefined;
    readonly drain?: string | undefined;
    readonly logAddresses?: boolean | undefined;
}
interface RelayCommand {
    readonly relay: ListenRelayOptions;
    readonly drain: number;
}
declare function relayCommand(words: RelayWords): RelayCommand;
interface RunRelayOptions {
    readonly log: (line: string) => void;
    readonly onListening: (relay: Pick<Relay, "url" | "udpPorts">) => void;
    readonly signal: AbortSignal;
}
declare function runRelay(read: () => RelayCommand, { log, onListening, signal }: RunRelayOptions): Promise<void>;
export { type RelayCommand, type RelayWords, type RunRelayOptions, relayCommand, runRelay };
