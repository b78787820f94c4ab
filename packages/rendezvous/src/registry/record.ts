import { cke, concatBytes, provider } from '@stt/crypto'
import { bytesOf, SttError } from '@stt/errors'
import { decode, encode, type Value } from '@stt/serialize'
import { MAX_URL_SIZE } from '../messages/message.ts'
import { recordKey } from '../names.ts'

/** What a node says of where it is, to the holders of its seed. */
export interface PeerRecord {
  /** Its node id, 32 bytes. */
  readonly id: Uint8Array
  /** Rises with each record of the node: milliseconds since 1970 by its clock, or one more than before. */
  readonly seq: number
  /** Unix seconds by its clock. */
  readonly expires: number
  /** The relays at which it listens now. */
  readonly relays: readonly string[]
}

/** Where a record is kept, and what it is sealed with. */
export interface RecordPlace {
  /** `rendezvous` of the seed's rendezvous keys. */
  readonly rendezvous: Uint8Array
  readonly hour: number
  /** `topicName(rendezvous, hour)`. */
  readonly topic: Uint8Array
  /** `slotName(topic, token)`. */
  readonly slot: Uint8Array
}

/**
 * Seals a record for its slot, in one of two sizes, so that its length says next to nothing.
 *
 * @param salt 16 bytes that are drawn anew each time: the key, and so the nonce, is for this one record
 * @throws SttError `STT_INVALID_ARGUMENT` for a record that holds more than the larger size takes
 */
// spec: STT-REG-3
export function sealRecord(record: PeerRecord, place: RecordPlace, salt: Uint8Array): Uint8Array<ArrayBuffer> {
  const { id, seq, expires, relays } = record
  const body = encode({ id, seq, exp: expires, relays })
  const size = BODY_SIZES.find(each => body.length + LENGTH_SIZE <= each)
  if (size === undefined) {
    const most = BODY_SIZES[1] - LENGTH_SIZE
    throw new SttError(
      'STT_INVALID_ARGUMENT',
      `a record of ${body.length} bytes, where ${most} are the most: name fewer relays`,
    )
  }
  const padded = new Uint8Array(size)
  padded.set([body.length >>> 8, body.length & 0xff])
  padded.set(body, LENGTH_SIZE)
  const sealed = new Uint8Array(SALT_SIZE + size + TAG_SIZE)
  sealed.set(salt)
  const key = keyOf(place, salt)
  key.seal(NONCE, dataOf(place), padded, sealed, SALT_SIZE)
  key.dispose()
  return sealed
}

/**
 * Opens what is in a slot.
 *
 * @returns undefined for what was not sealed for it with this seed, and for what is no record: a registry, or who filled the
 *   slot, may put anything there
 */
// spec: STT-REG-3 STT-REG-4
export function openRecord(blob: Uint8Array, place: RecordPlace): PeerRecord | undefined {
  const sealed = bytesOf(blob, 'a sealed record')
  if (!isRecordSize(sealed.length)) return undefined
  const key = keyOf(place, sealed.subarray(0, SALT_SIZE))
  const padded = key.openToOwnBuffer(NONCE, dataOf(place), sealed.subarray(SALT_SIZE))
  key.dispose()
  return padded && readRecord(padded)
}

/** Whether a sealed record may have this many bytes. */
export const isRecordSize = (size: number): boolean => BODY_SIZES.some(each => size === SALT_SIZE + each + TAG_SIZE)

function readRecord(padded: Uint8Array): PeerRecord | undefined {
  const size = (padded[0]! << 8) | padded[1]!
  if (size > padded.length - LENGTH_SIZE || padded.subarray(LENGTH_SIZE + size).some(byte => byte !== 0))
    return undefined
  let body: Value
  try {
    body = decode(padded.subarray(LENGTH_SIZE, LENGTH_SIZE + size), {
      copy: true,
      limits: { depth: 2, memory: 16_384 },
    })
  } catch {
    // Only a holder of the seed can have written it, and nobody has to read what he meant.
    return undefined
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body) || body instanceof Uint8Array) return undefined
  const { id, seq, exp, relays } = body
  if (!(id instanceof Uint8Array) || id.length !== ID_SIZE || !isCount(seq) || !isCount(exp)) return undefined
  if (!Array.isArray(relays) || relays.length > MAX_RELAYS || !relays.every(isRelay)) return undefined
  return { id, seq, expires: exp, relays }
}

const isCount = (value: Value | undefined): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const isRelay = (value: Value): value is string => typeof value === 'string' && value.length <= MAX_URL_SIZE

function keyOf({ rendezvous, hour, slot }: RecordPlace, salt: Uint8Array): ReturnType<typeof provider.aead> {
  const record = recordKey(rendezvous, hour)
  const derived = cke.derive(record, 'rec', concatBytes([salt, slot]), 32)
  const key = provider.aead(derived)
  record.fill(0)
  derived.fill(0)
  return key
}

const dataOf = ({ topic, slot }: RecordPlace): Uint8Array => concatBytes([topic, slot])

const SALT_SIZE = 16
const TAG_SIZE = 16
const LENGTH_SIZE = 2
const ID_SIZE = 32
const MAX_RELAYS = 8
/** Length, body and the zeros behind it. */
const BODY_SIZES = [512, 992] as const
/** The key is for one record. */
const NONCE = new Uint8Array(12)
