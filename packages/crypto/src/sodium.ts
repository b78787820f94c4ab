export { sodiumProvider } from './providers/sodium.ts'
