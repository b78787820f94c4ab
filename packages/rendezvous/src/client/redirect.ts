import { relayUrl } from '../names.ts'

/**
 * Whether a relay may redirect its client: only to an instance on its own host or to a configured relay, and never from TLS to
 * plain text. A relay that could name any address could aim its clients at it.
 *
 * @param from the relay that answered `elsewhere`
 * @param configured the relays in the client's configuration
 */
// spec: STT-RLY-23
export function isAllowedRedirect(from: string, to: string, configured: readonly string[]): boolean {
  if (!isRelayUrl(to)) return false
  const [source, target] = [relayUrl(from), relayUrl(to)]
  if (source.protocol !== target.protocol) return false
  return source.hostname === target.hostname || configured.some(each => relayUrl(each).href === target.href)
}

function isRelayUrl(text: string): boolean {
  try {
    relayUrl(text)
    return true
  } catch {
    return false
  }
}
