import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { SttError } from '@stt/errors'

/**
 * The IP addresses of a host, IPv4 first, as that is what listeners without a choice take; an IP address is its own.
 *
 * Rejects with `STT_CONNECT_FAILED` where the name, or the zone of an IPv6 address, is not known.
 */
export async function resolveHost(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) {
    checkZone(host)
    return [host]
  }
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

/** Node takes another interface in place of one that is not there, from version 26 on: its packets go to another network. */
function checkZone(host: string): void {
  const zone = host.split('%')[1]
  if (zone === undefined || /^\d+$/.test(zone)) return
  const names = Object.keys(networkInterfaces())
  if (names.includes(zone)) return
  const message = `this machine has no network interface ${zone}, which ${host} names: it has ${names.join(', ')}`
  throw new SttError('STT_CONNECT_FAILED', message)
}
