import { checkType } from '@stt/errors'

/** What each side says of itself in the handshake, so that two that do not fit say so. */
export type Verb = 'send' | 'receive' | 'pipe' | 'forward' | 'expose' | 'ping'

export function metadataOf(verb: Verb): { readonly verb: string } {
  checkType(verb, 'a verb', 'string')
  return { verb }
}

/** @param session of which only what the peer says of itself is looked at, and not believed */
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
 * The code that a side closes a session with that comes back: a page that is loaded anew. Who sends dials again, and goes on
 * where it was.
 */
export const BACK_SOON = 75

const VERBS: readonly Verb[] = ['send', 'receive', 'pipe', 'forward', 'expose', 'ping']
/** What each that listens is for. */
const SERVED: Partial<Record<Verb, Verb>> = { receive: 'send', pipe: 'pipe', expose: 'forward' }
