/** The entry for pages: everything but the store in a folder. */
export {
  Chamber,
  type ChamberMetadata,
  type ChamberVerification,
  type ObjectMetadata,
  type StoreOptions,
} from './chamber.ts'
export type { PassphraseCost } from './keys/wrap.ts'
export type { ChamberAnchor } from './manifest/log.ts'
export type { Head as ChamberHead } from './manifest/record.ts'
export type { ByteRange } from './object-reader.ts'
export type { PortableOptions as ChamberOptions } from './options.ts'
export type { ChamberStatistics } from './statistics.ts'
export type { ChamberStore, PutOptions, StoreRange } from './store/chamber-store.ts'
export { MemoryStore } from './store/memory-store.ts'
