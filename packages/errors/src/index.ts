export { abortError, onAbort } from './abort.ts'
export { bytesOf, checkInteger, checkOptions, checkSignal, checkType, describe } from './arguments.ts'
export type { SttErrorCode } from './codes.ts'
export { isSttError, SttError, type SttErrorDetails, type SttErrorJson, type SttErrorOptions } from './stt-error.ts'
