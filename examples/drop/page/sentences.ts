import { isSttError, printable } from '@stt/errors'
import { TransferError, TransferProtocolError } from '@stt/transfer'
import { isFull } from './full.ts'
import { NO_PLACE } from './support.ts'

/** An error in one sentence that says what to do. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Said) return error.message
  if (error instanceof TransferError) return `The other side stopped: ${printable(error.message)}.`
  if (error instanceof TransferProtocolError)
    return 'The other side speaks another language. Use the same version of stt on both.'
  if (!isSttError(error))
    return `Something in this page is wrong: ${error instanceof Error ? error.message : String(error)}`
  if (isFull(error)) {
    return 'This browser gives the page no more space. Save or remove received files here, or free some on the disk, then try again.'
  }
  return SENTENCES[error.code] ?? `It did not work: ${error.message}.`
}

/** Something that this page has to say itself. */
export class Said extends Error {}

const SENTENCES: Readonly<Record<string, string>> = {
  STT_WEAK_SEED: 'That is not a phrase that stt pair made: one of its characters is wrong, or some are missing.',
  STT_CHAMBER_LOCKED: 'This page is open in another tab. Close it there, or go on there.',
  STT_UNSUPPORTED: NO_PLACE,
  STT_LOAD_FAILED:
    'A part of this page could not be loaded. Look whether this device is online, then load the page again.',
  STT_CHAMBER_CORRUPT: 'What this page has kept was changed or is damaged. Forget everything here and pair anew.',
  STT_AUTHENTICATION: 'What this page has kept does not fit together any more. Forget everything here and pair anew.',
  STT_PEER_REFUSED: 'That machine knows another one under this pairing and refused this page. Pair both anew.',
  STT_NOT_FOUND: 'The machine is not at the relay now. Start “stt receive” there, or open this page there.',
  STT_CONNECT_FAILED: 'The machine could not be reached. Look whether the relay runs, and this device is online.',
  STT_LINK_FAILED: 'The connection to the relay was lost.',
  STT_TIMEOUT: 'The machine did not answer in time.',
  STT_BUSY: 'The machine is busy with other connections. Try again in a moment.',
  STT_BAD_ADDRESS: 'That is not the address of a relay: it begins with wss://, or ws:// on your own network.',
  STT_HANDSHAKE_FAILED: 'The machine did not prove that it holds the same phrase. Pair both anew.',
  STT_CLOSED: 'The connection was closed.',
}
