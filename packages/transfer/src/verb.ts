import { checkType } from '@stt/errors'

/** A command of `stt`. Each side names its own in the handshake, so that two commands that do not fit can say so. */
export type Verb = 'send' | 'receive' | 'pipe' | 'forward' | 'expose' | 'ping'

/** Metadata for the handshake that names a command. */
export function metadataOf(verb: Verb): { readonly verb: string } {
  checkType(verb, 'a verb', 'string')
  return { verb }
}

/** The command that the peer of a session names; undefined if its metadata is anything else. */
export function verbOf(session: { readonly peer: { readonly metadata?: unknown } }): Verb | undefined {
  const metadata: unknown = session?.peer?.metadata
  const isDictionary = typeof metadata === 'object' && metadata !== null && Object.hasOwn(metadata, 'verb')
  const verb = isDictionary ? (metadata as { readonly verb: unknown }).verb : undefined
  return VERBS.find(each => each === verb)
}

/** Whether a side that runs `listening` serves one that runs `dialing`; every listener answers a ping. */
export function serves(listening: Verb | undefined, dialing: Verb | undefined): boolean {
  if (dialing === 'ping') return true
  return listening !== undefined && dialing !== undefined && SERVED[listening] === dialing
}

/**
 * Close code of a receiver that comes back, such as a page that is loaded again. The sender then dials again and continues the
 * transfer.
 */
export const BACK_SOON = 75

const VERBS: readonly Verb[] = ['send', 'receive', 'pipe', 'forward', 'expose', 'ping']
/** The dialing command that each listening one serves. */
const SERVED: Partial<Record<Verb, Verb>> = { receive: 'send', pipe: 'pipe', expose: 'forward' }
