/** The entry `@stt/chamber/indexed-db`: a store that outlives a page. */
export { IndexedDbChamberStore } from './store/indexed-db/indexed-db-store.ts'
