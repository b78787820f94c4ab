import { relayUrl } from '../names.ts'

/**
 * Whether a relay may send its client to another one: an instance of its own host, or a relay that is configured, and never
 * from TLS to none. A relay that could name any address would aim its clients at it.
 *
 * @param from the relay that said `elsewhere`
 * @param configured the relays that the client has
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
