export {
  type OpenRedisStoreOptions,
  openRedisStore,
  type RedisRelayStore,
  type RedisStatistics,
} from './redis-store.ts'
