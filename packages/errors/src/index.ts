export { abortError } from './abort.ts'
export { bytesOf, checkInteger, checkOptions, describe } from './arguments.ts'
export type { SttErrorCode } from './codes.ts'
export { isSttError, SttError, type SttErrorDetails, type SttErrorOptions } from './stt-error.ts'
