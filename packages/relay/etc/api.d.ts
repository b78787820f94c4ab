// ./dist/index.d.ts
import { IncomingMessage } from "node:http";
import { RelayLimits, RelayStatistics, RegistryStatistics } from "@stt/rendezvous";
import { TlsOptions, WebSocketListenerStatistics } from "@stt/transport-ws";
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
    readonly log?: (line: string) => void;
    readonly logAddresses?: boolean;
}
interface RelayServerStatistics extends RelayStatistics {
    readonly registry: RegistryStatistics;
    readonly links: WebSocketListenerStatistics;
    readonly addressesTold: number;
    readonly faults: number;
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
    close(options?: CloseRelayOptions): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}
declare function listenRelay(options?: ListenRelayOptions): Promise<Relay>;
export { type CloseRelayOptions, type ListenRelayOptions, type Relay, type RelayServerStatistics, listenRelay };
