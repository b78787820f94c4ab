// ./dist/index.d.ts
import { SttError } from "@stt/errors";
import { RelayStore } from "@stt/relay";
interface OpenRedisStoreOptions {
    readonly prefix?: string;
    readonly timeout?: number;
}
interface RedisStatistics {
    readonly calls: number;
    readonly failures: number;
    readonly connections: number;
}
interface RedisRelayStore extends RelayStore {
    readonly problem: SttError | undefined;
    getStatistics(): RedisStatistics;
    close(): void;
    [Symbol.dispose](): void;
}
declare function openRedisStore(url: string, options?: OpenRedisStoreOptions): Promise<RedisRelayStore>;
export { type OpenRedisStoreOptions, type RedisRelayStore, type RedisStatistics, openRedisStore };
