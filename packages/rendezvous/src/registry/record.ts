import { cke, concatBytes, provider } from '@stt/crypto'
import { bytesOf, SttError } from '@stt/errors'
import { decode, encode, type Value } from '@stt/serialize'
import { MAX_URL_SIZE } from '../messages/message.ts'
import { recordKey } from '../names.ts'

/** The places of a node, for the holders of its seed. */
export interface PeerRecord {
  /** The node id, 32 bytes. */
  readonly id: Uint8Array
  /** Sequence number, which rises with each record of the node: milliseconds since 1970 by its clock, or one more than the last. */
  readonly seq: number
  /** End of validity, in seconds since 1970 by the clock of the node. */
  readonly expires: number
  /** URLs of the relays at which the node listens now. */
  readonly relays: readonly string[]
}

/** The place where a record is kept, which determines its key. */
export interface RecordPlace {
  /** `rendezvous` of the seed's rendezvous keys. */
  readonly rendezvous: Uint8Array
  /** Hours since 1970, one of `hoursAt`. */
  readonly hour: number
  /** `topicName(rendezvous, hour)`. */
  readonly topic: Uint8Array
  /** `slotName(topic, token)`. */
  readonly slot: Uint8Array
}

/**
 * Seals a record for its slot, padded to one of two sizes so that the length reveals next to nothing.
 *
 * @param salt 16 fresh random bytes: the key is used for this one record only
 * @throws SttError `STT_INVALID_ARGUMENT` if the record does not fit the larger size
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
 * Opens the sealed record of a slot.
 *
 * @returns undefined unless it was sealed for this slot with this seed and is a record: a registry may return anything
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
    // Only a holder of the seed can have sealed these bytes. If they are no record, they are ignored.
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
/** Sizes of the padded body: its length, the body, and zeros. */
const BODY_SIZES = [512, 992] as const
/** Constant, because each key seals one record. */
const NONCE = new Uint8Array(12)
