import { SttError, type SttErrorDetails } from '@stt/errors'
import type { CloseCode } from './close-code.ts'

/** The peer broke a rule of the protocol: the session ends with CLOSE and `closeCode`. */
export class ProtocolError extends SttError {
  /** The code for the CLOSE that ends the session. */
  readonly closeCode: CloseCode

  constructor(closeCode: CloseCode, message: string, details: SttErrorDetails = {}) {
    super('STT_PROTOCOL', message, { details: { ...details, closeCode } })
    this.closeCode = closeCode
  }
}
