import { abortable, SttError } from '@stt/errors'
import { type Address, parseDialAddress } from '../addresses/address.ts'
import { isAtRelay } from '../relay/relay-address.ts'
import type { Clock } from '../time/clock.ts'
import type { Dialer } from './dialer.ts'
import { type Attempt, Race, type RaceMemory, type Turn } from './race.ts'

/** The parts of a node that dial several addresses. */
export interface ConnectHost<T> {
  readonly clock: Clock
  readonly memory: RaceMemory
  readonly resolve: Dialer['resolve']
  /** One attempt. @param address has an IP address in place of the name, where `resolve` gives some */
  dial(text: string, address: Address, turn: Turn<T>): Promise<T>
  /** Takes back what `dial` gave too late. */
  discard(late: T): void
}

/** A dial that is under way. */
export interface Connecting<T> {
  readonly session: Promise<T>
  /** More addresses, found meanwhile: they are tried last. */
  add(addresses: readonly string[]): void
  /** Ends it with this error. */
  abort(reason: SttError): void
}

/** Dials several addresses, UDP first and relays last, each with every IP address that its name stands for. The first session wins. */
export function connectAny<T>(
  addresses: readonly string[],
  signal: AbortSignal | undefined,
  host: ConnectHost<T>,
): Connecting<T> {
  const race = new Race<T>(host.clock, `connect to ${addresses.join(', ')}`, host.memory, host.discard)
  // The first address to answer wins; UDP goes first because it is the better way where networks let it through.
  const bestFirst = [...addresses].sort((a, b) => rankOf(a) - rankOf(b))
  const attempts = bestFirst.map(text => nameAttempt(text, race, host))
  if (attempts.length === 0) {
    const none = new SttError('STT_INVALID_ARGUMENT', NO_ADDRESS)
    return { session: Promise.reject(none), add: () => {}, abort: () => {} }
  }
  return {
    session: race.run(attempts, signal),
    add(found) {
      for (const text of found) race.add(nameAttempt(text, race, host))
    },
    abort: reason => race.abort(reason),
  }
}

/** As `Tier` has them: UDP, WebSocket, a relay. */
const rankOf = (text: string): number => (/^udp:/i.test(text) ? 0 : isAtRelay(text) ? 2 : 1)

const NO_ADDRESS =
  'connect needs at least one address, or a node by whose relays, or discovery.lan, others can be found'

/** Looks the name up and dials its first IP address; the others become attempts of their own. */
function nameAttempt<T>(text: string, race: Race<T>, { resolve, dial }: ConnectHost<T>): Attempt<T> {
  const rank = rankOf(text)
  return {
    label: text,
    rank,
    async run(turn) {
      const address = parseDialAddress(text)
      if (!resolve) return dial(text, address, turn)
      const at = (ip: string): Address => ({ ...address, host: ip, name: address.host })
      const add = (ips: readonly string[]): void => {
        for (const ip of ips) race.add({ label: `${text} at ${ip}`, rank, run: itsTurn => dial(text, at(ip), itsTurn) })
      }
      const [first, ...others] = await abortable(
        resolve(address.host, add, address),
        turn.signal,
        `looking up ${address.host}`,
      )
      if (first === undefined) throw new SttError('STT_CONNECT_FAILED', `the host name in ${text} has no address`)
      add(others)
      return dial(text, at(first), turn)
    },
  }
}
