export { type ChamberStoreRule, chamberStoreRules } from './store-rules.ts'
