import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { randomBytes } from '@stt/crypto'
import { isSttError, SttError } from '@stt/errors'
import {
  decodeMessage,
  decodeRegistryMessage,
  encodeDial,
  encodeGet,
  type Greeting,
  hoursAt,
  openRecord,
  type PeerRecord,
  type Prove,
  proveAccess,
  REGISTRY_SUBPROTOCOL,
  RELAY_SUBPROTOCOL,
  type RegistryEntry,
  relayAuthority,
  topicName,
} from '@stt/rendezvous'
import { type NamedProxy, proxyOf } from '@stt/transport-ws'
import { Conversation } from './conversation.ts'

/** A relay, with the keys for questions to it. */
export interface RelayToAsk {
  readonly url: string
  /** Access key of the seed; without it a relay with access keys is not asked whether it serves the seed. */
  readonly access?: Uint8Array | undefined
  /** Rendezvous key of the same seed, to look for its nodes in the registry. */
  readonly rendezvous?: Uint8Array | undefined
}

/** The outcome of asking one relay, whatever it says or does. */
export interface RelayAnswer {
  readonly url: string
  /** The relay's IP addresses, as this machine looks them up. */
  readonly addresses: readonly string[]
  /** The proxy through which it is dialed. */
  readonly proxy?: NamedProxy
  /** Why it was not reached, or is not a relay. */
  readonly problem?: string
  readonly greeted?: {
    /** Round trip, in milliseconds. */
    readonly rtt: number
    /** Milliseconds by which this machine's clock is ahead of the clock of the relay. */
    readonly ahead: number
    readonly udpPorts: readonly number[]
  }
  /** Whether the relay serves the seed; `unasked`: it wants an access key, and none was given. */
  readonly serves?: 'yes' | 'no' | 'busy' | 'unasked'
  readonly registry?: { readonly problem?: string; readonly records: readonly PeerRecord[] }
}

/** Asks a relay about itself and whether it serves the seed, without listening there. Does not reject for an error of the network. */
export async function askRelay(asked: RelayToAsk, signal: AbortSignal): Promise<RelayAnswer> {
  const { url } = asked
  const addresses = await addressesOf(new URL(url).hostname, signal)
  let known: Pick<RelayAnswer, 'url' | 'addresses' | 'proxy'> = { url, addresses }
  try {
    const proxy = proxyOf(url)
    if (proxy) known = { ...known, proxy }
    if (!proxy && addresses.length === 0 && signal.aborted) {
      return { ...known, problem: 'its name was not looked up in time: see that this machine reaches its name server' }
    }
    const answer = await askWhether(asked, addresses, signal)
    if (answer.serves !== 'yes') return { ...known, ...answer }
    return { ...known, ...answer, registry: await askRegistry(asked, addresses, signal) }
  } catch (error) {
    return { ...known, problem: problemOf(error) }
  }
}

/** Dials a random name. A relay that serves the seed answers that no node has it. */
async function askWhether(
  { url, access }: RelayToAsk,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<Pick<RelayAnswer, 'greeted' | 'serves'>> {
  const relay = await reach(url, addresses, RELAY_SUBPROTOCOL, signal)
  try {
    const greeting = decodeMessage(await relay.hear())
    const heardAt = Date.now()
    if (greeting.type !== 'greeting') throw refused(url, greeting)
    const udpPorts = greeting.udpPorts.filter(port => port > 0)
    const { unixSeconds, needsAccess } = greeting
    const prove = proverOf(url, greeting, access)
    const askedAt = performance.now()
    relay.say(encodeDial([randomBytes(32)], prove))
    const no = decodeMessage(await relay.hear())
    const rtt = performance.now() - askedAt
    if (no.type !== 'no') throw refused(url, no)
    // The relay gives whole seconds, so on average half a second has passed.
    const greeted = { rtt, ahead: heardAt - (1_000 * unixSeconds + 500 + rtt / 2), udpPorts }
    if (no.reason === 'nobody') return { greeted, serves: 'yes' }
    if (no.reason === 'auth') return { greeted, serves: needsAccess && !access ? 'unasked' : 'no' }
    if (no.reason === 'full' || no.reason === 'rate') return { greeted, serves: 'busy' }
    throw refused(url, no)
  } finally {
    relay.close()
  }
}

async function askRegistry(
  { url, access, rendezvous }: RelayToAsk,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<NonNullable<RelayAnswer['registry']>> {
  const places = rendezvous
    ? hoursAt(Math.floor(Date.now() / 1_000)).map(hour => ({ rendezvous, hour, topic: topicName(rendezvous, hour) }))
    : [{ topic: randomBytes(32) }]
  const records: PeerRecord[] = []
  let registry: Conversation | undefined
  try {
    registry = await reach(url, addresses, REGISTRY_SUBPROTOCOL, signal)
    const greeting = decodeRegistryMessage(await registry.hear())
    if (greeting.type !== 'greeting') throw refused(url, greeting)
    const prove = proverOf(url, greeting, access)
    for (const place of places) {
      registry.say(encodeGet(place.topic, prove))
      for (const { slot, blob } of await entriesOf(registry, url)) {
        const record = 'hour' in place ? openRecord(blob, { ...place, slot }) : undefined
        if (record) records.push(record)
      }
    }
    return { records }
  } catch (error) {
    return { records, problem: problemOf(error) }
  } finally {
    registry?.close()
  }
}

async function entriesOf(registry: Conversation, url: string): Promise<readonly RegistryEntry[]> {
  const entries: RegistryEntry[] = []
  for (let more = true; more; ) {
    const message = decodeRegistryMessage(await registry.hear())
    if (message.type !== 'records' || entries.length > MOST_ENTRIES) throw refused(url, message)
    entries.push(...message.entries)
    more = message.more
  }
  return entries
}

/** Dials all addresses at once and keeps the first one that answers. A proxy looks up the name itself. */
async function reach(
  url: string,
  addresses: readonly string[],
  subprotocol: string,
  signal: AbortSignal,
): Promise<Conversation> {
  if (proxyOf(url) || addresses.length === 0) return Conversation.with(url, { subprotocol, signal })
  const others = new AbortController()
  const attempts = addresses.map(ipAddress =>
    Conversation.with(url, { subprotocol, ipAddress, signal, dialing: AbortSignal.any([signal, others.signal]) }),
  )
  try {
    const first = await Promise.any(attempts)
    for (const each of attempts)
      void each.then(
        late => late !== first && late.close(),
        () => {},
      )
    return first
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error
  } finally {
    others.abort()
  }
}

async function addressesOf(hostname: string, signal: AbortSignal): Promise<readonly string[]> {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0) return [host]
  const ended = new Promise<[]>(resolve => signal.addEventListener('abort', () => resolve([]), { once: true }))
  // Dialing reports an unknown name, and a proxy does not need the address.
  const found = lookup(host, { all: true }).catch(() => [])
  return [...new Set((await Promise.race([found, ended])).map(({ address }) => address))].slice(0, MOST_ADDRESSES)
}

function proverOf(url: string, { nonce, needsAccess }: Greeting, access: Uint8Array | undefined): Prove {
  const context = { authority: relayAuthority(url), nonce: nonce.slice() }
  return (type, body) => (needsAccess && access ? proveAccess(access, context, type, body) : new Uint8Array(0))
}

function refused(url: string, said: { readonly type: string; readonly reason?: string }): SttError {
  const what = said.type === 'no' ? `says no (${said.reason})` : 'says what no relay says there'
  return new SttError('STT_CONNECT_FAILED', `${url} ${what}: see that a relay of the same version runs there`)
}

function problemOf(error: unknown): string {
  if (isSttError(error, 'STT_DECODE')) {
    return 'what answers there is no relay of this version: check host, port and path'
  }
  if (isSttError(error, 'STT_TIMEOUT')) {
    return 'nothing answers there: see that it runs, that host and port are right, and that no firewall drops what goes there'
  }
  if (isSttError(error)) return error.message
  throw error
}

const MOST_ADDRESSES = 4
const MOST_ENTRIES = 64
