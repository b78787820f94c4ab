import { checkOptions, checkType, SttError } from '@stt/errors'

/** All that the second machine needs to join a pairing. */
export interface Invitation {
  /** The words of the pairing's seed. */
  readonly phrase: string
  /** URLs of relays, 16 at most. */
  readonly relays: readonly string[]
  /** Id of the machine that made the pairing, 64 hexadecimal digits. */
  readonly peer?: string | undefined
}

/**
 * Writes an invitation as one text, for a QR code.
 *
 * @param page URL of a page that takes the invitation. It follows the `#`, which browsers do not send to a server. Default: a text
 *   for `parseInvitation` alone.
 * @throws SttError `STT_INVALID_ARGUMENT`
 */
export function formatInvitation(invitation: Invitation, page?: string): string {
  checkOptions(invitation ?? null, 'formatInvitation', ['phrase', 'relays', 'peer'])
  const { phrase, relays, peer } = invitation
  checkType(phrase, 'a phrase', 'string')
  if (!Array.isArray(relays)) throw new SttError('STT_INVALID_ARGUMENT', 'relays are a list of URLs')
  for (const relay of relays) checkType(relay, 'a relay', 'string')
  if (peer !== undefined) checkType(peer, 'a peer', 'string')
  if (page !== undefined) checkType(page, 'a page', 'string')
  const parts = new URLSearchParams({ pair: phrase })
  for (const relay of relays) parts.append('relay', relay)
  if (peer !== undefined) parts.set('peer', peer)
  return `${page ?? SCHEME}#${parts}`
}

/**
 * Reads a phrase, or a text that `formatInvitation` made.
 *
 * @throws SttError `STT_INVALID_ARGUMENT`
 */
export function parseInvitation(text: string): Invitation {
  checkType(text, 'an invitation', 'string')
  const fragment = text.indexOf('#')
  if (fragment < 0) return { phrase: text, relays: [] }
  const parts = new URLSearchParams(text.slice(fragment + 1))
  const [phrase, peer] = [parts.get('pair'), parts.get('peer') ?? undefined]
  if (phrase === null || (peer !== undefined && !/^[0-9a-f]{64}$/.test(peer))) {
    throw new SttError(
      'STT_INVALID_ARGUMENT',
      'this is neither a phrase nor an invitation of stt pair: take the whole of it',
    )
  }
  const relays = parts.getAll('relay')
  // A link may come from a stranger, and must not make its reader dial many machines.
  if (relays.length > MOST_RELAYS) {
    throw new SttError(
      'STT_INVALID_ARGUMENT',
      `an invitation names at most ${MOST_RELAYS} relays, not ${relays.length}`,
    )
  }
  return { phrase, relays, peer }
}

/** The most relays that a node takes. */
const MOST_RELAYS = 16

const SCHEME = 'stt:'
