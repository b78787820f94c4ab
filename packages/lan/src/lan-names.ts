import { cke, concatBytes, provider } from '@stt/crypto'

/** What a node says of itself in one answer: all of it is bound into what seals its id. */
export interface LanPlace {
  readonly hour: number
  /** Of the instance that is announced, as in its name. */
  readonly instance: string
  /** UDP and WebSocket ports; 0: none. */
  readonly udp: number
  readonly ws: number
  /** The IP address that it is said from, without a zone. */
  readonly address: string
}

/**
 * The subtype under which the nodes of a seed are asked for in one hour, 24 characters. Nothing of it tells the seed, or the
 * subtype of another hour.
 *
 * @param lan `lan` of the seed's rendezvous keys
 */
// spec: STT-LAN-1
export function lanTag(lan: Uint8Array, hour: number): string {
  return base32(cke.derive(lan, 'tag', u64(hour), TAG_BYTES))
}

/** Seals a node id for one answer: 48 bytes, which only holders of the seed can make, and read. */
// spec: STT-LAN-2
export function sealLanPeer(lan: Uint8Array, place: LanPlace, id: Uint8Array): Uint8Array<ArrayBuffer> {
  const sealed = new Uint8Array(id.length + SEAL_BYTES)
  const key = keyOf(lan, place)
  key.seal(NONCE, NOTHING, id, sealed)
  key.dispose()
  return sealed
}

/** @returns the node id; undefined for what no holder of the seed said from there */
// spec: STT-LAN-2
export function openLanPeer(lan: Uint8Array, place: LanPlace, sealed: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (sealed.length !== ID_BYTES + SEAL_BYTES) return undefined
  const key = keyOf(lan, place)
  const id = key.openToOwnBuffer(NONCE, NOTHING, sealed)
  key.dispose()
  return id
}

/** RFC 4648, lower case, without padding: 8 characters for each 5 bytes. */
export function base32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5; ) {
      bits -= 5
      text += ALPHABET[(held >>> bits) & 31]
    }
    held &= 31
  }
  return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31] : text
}

/** Another key for whatever is said: the nonce is used once. */
function keyOf(lan: Uint8Array, { hour, instance, udp, ws, address }: LanPlace): ReturnType<typeof provider.aead> {
  const names = new TextEncoder().encode(`${instance} ${address}`)
  const ports = Uint8Array.of(udp >>> 8, udp, ws >>> 8, ws)
  const derived = cke.derive(lan, 'peer', concatBytes([u64(hour), ports, names]), 32)
  const key = provider.aead(derived)
  derived.fill(0)
  return key
}

function u64(hour: number): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(hour))
  return bytes
}

const NOTHING = new Uint8Array(0)
const NONCE = new Uint8Array(12)
const TAG_BYTES = 15
const ID_BYTES = 32
const SEAL_BYTES = 16
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
