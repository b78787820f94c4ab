import { cke, concatBytes, phe } from '@stt/crypto'
import { bytesOf, checkInteger, describe, SttError, utf8 } from '@stt/errors'

/**
 * The two hours whose names are valid at `unixSeconds`: the hour of half an hour ago and the hour after it. Two nodes whose clocks
 * differ by less than an hour share one of them.
 *
 * @throws SttError `STT_INVALID_ARGUMENT` unless the time is a whole number that is not negative
 */
// spec: STT-RLY-2
export function hoursAt(unixSeconds: number): readonly [number, number] {
  checkInteger(unixSeconds, 'the time in seconds', 0, Number.MAX_SAFE_INTEGER)
  // A clock that was never set shows the first minutes of 1970, which have no hour before them.
  const hour = Math.max(0, Math.floor((unixSeconds - HALF_AN_HOUR) / HOUR))
  return [hour, hour + 1]
}

/** Seconds from `unixSeconds` until the result of `hoursAt` changes. */
export function untilHoursChange(unixSeconds: number): number {
  const [hour] = hoursAt(unixSeconds)
  return (hour + 1) * HOUR + HALF_AN_HOUR - unixSeconds
}

/**
 * The topic of a seed in one hour, 32 bytes: all its nodes share the name.
 *
 * @param rendezvous `rendezvous` of `Seed.deriveRendezvousKeys()`
 */
// spec: STT-RLY-2
export function topicName(rendezvous: Uint8Array, hour: number): Uint8Array<ArrayBuffer> {
  return cke.derive(rendezvous, 'topic', u64(hour), 32)
}

/** The key from which the keys of the records in a topic are derived in one hour, 32 bytes. */
// spec: STT-REG-1
export function recordKey(rendezvous: Uint8Array, hour: number): Uint8Array<ArrayBuffer> {
  return cke.derive(rendezvous, 'record', u64(hour), 32)
}

/**
 * The slot in a topic that belongs to a token, 16 bytes. Only a holder of the token can write there.
 *
 * @param token `Identity.slotToken(topic)`
 */
// spec: STT-REG-2
export function slotName(topic: Uint8Array, token: Uint8Array): Uint8Array<ArrayBuffer> {
  return phe.digest('slot', topic, token).slice(0, 16)
}

/** The mailbox name under which a node listens at a relay in one hour, 32 bytes. */
// spec: STT-RLY-2
export function mailboxName(rendezvous: Uint8Array, nodeId: Uint8Array, hour: number): Uint8Array<ArrayBuffer> {
  return cke.derive(rendezvous, 'mailbox', concatBytes([idOf(nodeId), u64(hour)]), 32)
}

/** The value that orders the relays of a node, the same for all holders of its seed, 8 bytes. */
// spec: STT-RLY-2
export function homeOf(rendezvous: Uint8Array, nodeId: Uint8Array): Uint8Array<ArrayBuffer> {
  return cke.derive(rendezvous, 'home', idOf(nodeId), 8)
}

/** Identifies an access key in a proof, 8 bytes. */
// spec: STT-RLY-2
export function accessKeyId(access: Uint8Array): Uint8Array<ArrayBuffer> {
  return phe.digest('relay-key', access).slice(0, 8)
}

/**
 * Sorts relays into the order in which a node uses them (rendezvous hashing). Each holder of the seed finds the same order, and a
 * relay that is added or removed moves only its own nodes.
 *
 * @param home `homeOf` the node
 * @param urls the configured URLs; each is hashed in the form of `new URL(url).href`
 * @throws SttError `STT_BAD_ADDRESS` if one is no `ws:` or `wss:` URL, `STT_INVALID_ARGUMENT` if `urls` is no list
 */
// spec: STT-RLY-22
export function orderRelays(home: Uint8Array, urls: readonly string[]): string[] {
  const salt = bytesOf(home, 'a home')
  if (!Array.isArray(urls)) throw new SttError('STT_INVALID_ARGUMENT', `relays are a list, not ${describe(urls)}`)
  const ranked = urls.map(url => {
    const digest = phe.digest('relay-order', salt, utf8(relayUrl(url).href))
    return { url, rank: new DataView(digest.buffer).getBigUint64(0) }
  })
  return ranked.sort((a, b) => (a.rank < b.rank ? 1 : a.rank > b.rank ? -1 : 0)).map(({ url }) => url)
}

/**
 * Host and port of a relay as a client dials it, `relay.example:443`. A proof of access is bound to them.
 *
 * @throws SttError `STT_BAD_ADDRESS`
 */
export function relayAuthority(url: string): string {
  const { protocol, hostname, port } = relayUrl(url)
  return `${hostname}:${port || (protocol === 'wss:' ? 443 : 80)}`
}

/** @throws SttError `STT_BAD_ADDRESS` unless `text` is a `ws:` or `wss:` URL without user and fragment */
export function relayUrl(text: string): URL {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  if (url && /^wss?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.hash === '') return url
  throw new SttError('STT_BAD_ADDRESS', `a relay is a URL such as wss://relay.example, not ${describe(text)}`)
}

function idOf(nodeId: Uint8Array): Uint8Array {
  const id = bytesOf(nodeId, 'a node id')
  if (id.length === 32) return id
  throw new SttError('STT_INVALID_ARGUMENT', `a node id is 32 bytes, not ${id.length}`)
}

function u64(hour: number): Uint8Array<ArrayBuffer> {
  checkInteger(hour, 'an hour', 0, Number.MAX_SAFE_INTEGER)
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(hour))
  return bytes
}

const HOUR = 3_600
const HALF_AN_HOUR = 1_800
