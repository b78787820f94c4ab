import { metadataField, type Session } from '@stt/node'

/** What each side says of itself in the handshake, so that two that do not fit say so. */
export type Verb = 'send' | 'receive' | 'pipe' | 'forward' | 'expose' | 'ping'

export const metadataOf = (verb: Verb): { readonly verb: string } => ({ verb })

export function verbOf(session: Session): Verb | undefined {
  const verb = metadataField(session.peer, 'verb', 'string')
  return VERBS.find(each => each === verb)
}

/** Whether a side that runs `listening` serves one that runs `dialing`; every listener answers a ping. */
export function serves(listening: Verb | undefined, dialing: Verb | undefined): boolean {
  if (dialing === 'ping') return true
  return listening !== undefined && dialing !== undefined && SERVED[listening] === dialing
}

const VERBS: readonly Verb[] = ['send', 'receive', 'pipe', 'forward', 'expose', 'ping']
/** What each that listens is for. */
const SERVED: Partial<Record<Verb, Verb>> = { receive: 'send', pipe: 'pipe', expose: 'forward' }
