import { describe, SttError } from '@stt/errors'
import { isLoopback } from '@stt/frame'
import { type Address, badAddress, parseAddress } from '../addresses/address.ts'
import { isLocalhost } from '../addresses/localhost.ts'

/** @throws SttError for relays that cannot be used: `STT_INVALID_ARGUMENT`, `STT_BAD_ADDRESS` */
export function checkRelays(relays: unknown, allowPlain: boolean): void {
  if (!Array.isArray(relays)) throw invalid(`relays is a list such as ['wss://relay.example'], not ${describe(relays)}`)
  if (relays.length > MOST_RELAYS) throw invalid(`relays has ${relays.length} entries: ${MOST_RELAYS} are the most`)
  for (const url of relays) checkRelay(url, allowPlain)
  if (new Set(relays).size < relays.length) throw invalid('relays names one of them twice')
}

/** @param url of a relay, as it is dialed. @throws SttError `STT_BAD_ADDRESS` */
// spec: STT-RLY-31
export function checkRelay(url: string, allowPlain: boolean): void {
  const address = parseAddress(url)
  if (address.relay || address.scheme === 'udp') throw badAddress(url, 'a relay looks like wss://relay.example')
  if (isPlainElsewhere(address) && !allowPlain) throw badAddress(url, PLAIN_HELP)
}

/** Whether what is said to a relay would be seen on the way there, and names and proofs with it. */
const isPlainElsewhere = ({ scheme, host }: Pick<Address, 'scheme' | 'host'>): boolean =>
  scheme === 'ws' && !isLoopback(host) && !isLocalhost(host)

const invalid = (message: string): SttError => new SttError('STT_INVALID_ARGUMENT', message)

const PLAIN_HELP =
  'a relay that is not on this machine is dialed with wss://; plainRelays: true allows ws:// all the same'
const MOST_RELAYS = 16
