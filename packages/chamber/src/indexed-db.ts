/** For pages: a store that outlives them. */
export { IndexedDbChamberStore } from './store/indexed-db/indexed-db-store.ts'
