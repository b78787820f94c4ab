import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { SttError } from '@stt/errors'
import { isLocalhost } from './localhost.ts'

/** Asks the system for the addresses of one family. */
export type LookUp = (host: string, family: 4 | 6) => Promise<readonly string[]>

/**
 * The IP addresses of a host, IPv4 first, as that is what listeners without a choice take; an IP address is its own.
 *
 * Both families are asked for at once, and where one has an answer the other gets 50 ms (the Resolution Delay of RFC 8305 §3):
 * a name server that never speaks of the other kind would else hold the dial up for seconds.
 *
 * Rejects with `STT_CONNECT_FAILED` where the name, or the zone of an IPv6 address, is not known.
 *
 * @param onMore is told of addresses that are found after that
 */
export async function resolveHost(
  host: string,
  onMore: (ips: readonly string[]) => void,
  lookUp: LookUp = askSystem,
): Promise<readonly string[]> {
  if (isIP(host) !== 0) {
    checkZone(host)
    return [host]
  }
  if (isLocalhost(host)) return ['127.0.0.1', '::1']
  const families = [lookUp(host, 4), lookUp(host, 6)] as const
  let timer: NodeJS.Timeout | undefined
  try {
    const first = await Promise.any(families)
    const patience = new Promise<'late'>(resolve => {
      timer = setTimeout(() => resolve('late'), RESOLUTION_DELAY)
    })
    const both = Promise.allSettled(families)
    const settled = await Promise.race([both, patience])
    if (settled !== 'late') return settled.flatMap(each => (each.status === 'fulfilled' ? each.value : []))
    void both.then(all => {
      for (const each of all) if (each.status === 'fulfilled' && each.value !== first) onMore(each.value)
    })
    return first
  } catch (cause) {
    const message = `the host name ${host} could not be resolved: check how it is written, and that this machine has a name server`
    const reason = cause instanceof AggregateError ? cause.errors[0] : cause
    throw new SttError('STT_CONNECT_FAILED', message, { cause: reason })
  } finally {
    clearTimeout(timer)
  }
}

const askSystem: LookUp = async (host, family) => {
  const found = await lookup(host, { all: true, family })
  return [...new Set(found.map(({ address }) => address))]
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

/** Milliseconds. */
const RESOLUTION_DELAY = 50
