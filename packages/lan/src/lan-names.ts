import { cke, concatBytes, provider, toBase32 } from '@stt/crypto'

/** The contents of one answer. The key that seals the node id depends on all of them. */
export interface LanPlace {
  /** Hours since 1970. */
  readonly hour: number
  /** Name of the announced instance, without the service. */
  readonly instance: string
  /** UDP port; 0 if there is none. */
  readonly udp: number
  /** WebSocket port; 0 if there is none. */
  readonly ws: number
  /** IP address that the answer is sent from, without a zone. */
  readonly address: string
}

/**
 * The DNS-SD subtype that a seed's nodes are asked for by in one hour, 24 characters. It reveals neither the seed nor the subtype
 * of another hour.
 *
 * @param lan `lan` of the seed's rendezvous keys
 */
// spec: STT-LAN-1
export function lanTag(lan: Uint8Array, hour: number): string {
  return toBase32(cke.derive(lan, 'tag', u64(hour), TAG_BYTES))
}

/** Seals a node id for one answer: 48 bytes, which only a holder of the seed can make or read. */
// spec: STT-LAN-2
export function sealLanPeer(lan: Uint8Array, place: LanPlace, id: Uint8Array): Uint8Array<ArrayBuffer> {
  const sealed = new Uint8Array(id.length + SEAL_BYTES)
  const key = keyOf(lan, place)
  key.seal(NONCE, NOTHING, id, sealed)
  key.dispose()
  return sealed
}

/** Opens a sealed node id. @returns undefined unless a holder of the seed sealed it for exactly this answer */
// spec: STT-LAN-2
export function openLanPeer(lan: Uint8Array, place: LanPlace, sealed: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (sealed.length !== ID_BYTES + SEAL_BYTES) return undefined
  const key = keyOf(lan, place)
  const id = key.openToOwnBuffer(NONCE, NOTHING, sealed)
  key.dispose()
  return id
}

/** Each answer has a key of its own, so the one nonce is used once with each. */
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
