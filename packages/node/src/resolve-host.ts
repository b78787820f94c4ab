import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { SttError } from '@stt/errors'

/**
 * The IP addresses of a host, IPv4 first, as that is what listeners without a choice take; an IP address is its own.
 *
 * Rejects with `STT_CONNECT_FAILED` where the name is not known.
 */
export async function resolveHost(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host]
  // RFC 6761 §6.3: both loopback addresses, whatever the system's files say of them.
  if (/^(.+\.)?localhost\.?$/i.test(host)) return ['127.0.0.1', '::1']
  try {
    const found = await lookup(host, { all: true, verbatim: false })
    return [...new Set(found.map(({ address }) => address))]
  } catch (cause) {
    const message = `the host name ${host} could not be resolved: check how it is written, and that this machine has a name server`
    throw new SttError('STT_CONNECT_FAILED', message, { cause })
  }
}
