export { abortError } from './abort.ts'
export type { SttErrorCode } from './codes.ts'
export { isSttError, SttError, type SttErrorDetails, type SttErrorOptions } from './stt-error.ts'
