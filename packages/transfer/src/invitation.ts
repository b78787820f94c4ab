import { checkOptions, checkType, SttError } from '@stt/errors'

/** What the second machine needs to join a pairing. */
export interface Invitation {
  readonly phrase: string
  readonly relays: readonly string[]
  /** Id of the machine that made the pairing. */
  readonly peer?: string | undefined
}

/** All of it in one text, for a QR code; with the URL of a page it is that page's, behind the `#` that no server is told. */
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
  // Anybody can write a link, and who follows it is to dial no crowd.
  if (relays.length > MOST_RELAYS) {
    throw new SttError(
      'STT_INVALID_ARGUMENT',
      `an invitation names at most ${MOST_RELAYS} relays, not ${relays.length}`,
    )
  }
  return { phrase, relays, peer }
}

/** As many as a node takes. */
const MOST_RELAYS = 16

const SCHEME = 'stt:'
