import { argon2id, concatBytes, provider, randomBytes } from '@stt/crypto'
import { checkOptions, SttError, utf8 } from '@stt/errors'
import { corrupt, invalid } from '../failures.ts'

/** The cost of trying a passphrase: once to open the chamber, and for each guess of an attacker. */
export interface PassphraseCost {
  /** KiB of memory, 8,192 to 1,048,576; 65,536 unless given. */
  readonly memory?: number
  /** Passes over the memory, 1 to 16; 3 unless given. */
  readonly passes?: number
  /** Lanes that the memory is divided into, 1 to 16; 4 unless given. */
  readonly lanes?: number
}

/**
 * A master key under a passphrase, 74 bytes:
 * `u8 version · u32 memory (KiB) · u32 passes · u8 lanes · salt 16`, which are, behind the context, the associated data of
 * `ciphertext 32 · tag 16`.
 *
 * @param context binds the wrapped key to its key file
 */
// spec: STT-CHA-6
export async function wrapMaster(
  master: Uint8Array,
  passphrase: string,
  context: Uint8Array,
  cost: PassphraseCost,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { memory, passes, lanes } = checkCost(cost)
  const head = new Uint8Array(HEAD_LENGTH)
  const view = new DataView(head.buffer)
  view.setUint8(0, WRAPPED)
  view.setUint32(1, memory)
  view.setUint32(5, passes)
  view.setUint8(9, lanes)
  // A new salt gives a new wrapping key, which seals once: its nonce may be zero.
  head.set(randomBytes(SALT_LENGTH), SALT_OFFSET)
  const aead = provider.aead(await stretch(passphrase, head, { memory, passes, lanes }, signal))
  const sealed = new Uint8Array(master.length + TAG_LENGTH)
  aead.seal(ZERO_NONCE, concatBytes([context, head]), master, sealed)
  aead.dispose()
  return concatBytes([head, sealed])
}

/** The cost with its defaults filled in. @throws STT_INVALID_ARGUMENT */
export function checkCost(cost: PassphraseCost | undefined): Required<PassphraseCost> {
  checkOptions(cost, 'argon2id', ['memory', 'passes', 'lanes'])
  const { memory = 65_536, passes = 3, lanes = 4 } = cost ?? {}
  if (isAffordable({ memory, passes, lanes })) return { memory, passes, lanes }
  throw invalid('argon2id takes 8,192 to 1,048,576 KiB of memory, 1 to 16 passes and 1 to 16 lanes')
}

/**
 * The master key in the bytes that `wrapMaster` gave, and its cost.
 *
 * @throws STT_AUTHENTICATION for another passphrase or changed bytes; STT_CHAMBER_CORRUPT for bytes that
 *   `wrapMaster` never gives, before any work
 */
export async function unwrapMaster(
  wrapped: Uint8Array,
  passphrase: string,
  context: Uint8Array,
  signal?: AbortSignal,
): Promise<{ master: Uint8Array<ArrayBuffer>; cost: Required<PassphraseCost> }> {
  if (wrapped.length !== HEAD_LENGTH + MASTER_LENGTH + TAG_LENGTH || wrapped[0] !== WRAPPED) {
    throw corrupt('the key file of the chamber is not one')
  }
  const head = wrapped.subarray(0, HEAD_LENGTH)
  const view = new DataView(head.buffer, head.byteOffset)
  const cost = { memory: view.getUint32(1), passes: view.getUint32(5), lanes: view.getUint8(9) }
  // spec: STT-CHA-7: a writer of the folder must not choose how long opening takes, or how much memory.
  if (!isAffordable(cost)) throw corrupt('the key file of the chamber asks for more work than any that was written')
  const aead = provider.aead(await stretch(passphrase, head, cost, signal))
  const master = new Uint8Array(MASTER_LENGTH)
  const length = aead.open(ZERO_NONCE, concatBytes([context, head]), wrapped.subarray(HEAD_LENGTH), master)
  aead.dispose()
  if (length < 0) throw wrongKey('passphrase')
  return { master, cost }
}

export function wrongKey(what: 'key' | 'passphrase', cause?: unknown): SttError {
  const message = `this is not the ${what} of the chamber, or its key file was changed`
  return new SttError('STT_AUTHENTICATION', message, { cause })
}

export function isWrapped(keyFile: Uint8Array): boolean {
  return keyFile[0] === WRAPPED
}

async function stretch(
  passphrase: string,
  head: Uint8Array,
  { memory, passes, lanes }: Required<PassphraseCost>,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof passphrase !== 'string') throw invalid('a passphrase is a text')
  // Unicode has several forms of one text, and keyboards differ in which they write.
  const password = utf8(passphrase.normalize('NFKC'), 'the passphrase')
  if (password.length === 0) throw invalid('the passphrase is empty')
  try {
    const salt = head.subarray(SALT_OFFSET)
    return await argon2id(password, salt, { memory, passes, lanes, length: 32, ...(signal && { signal }) })
  } finally {
    password.fill(0)
  }
}

function isAffordable({ memory, passes, lanes }: Required<PassphraseCost>): boolean {
  return isBetween(memory, 8 * 1024, 1024 * 1024) && isBetween(passes, 1, 16) && isBetween(lanes, 1, 16)
}

function isBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most
}

const WRAPPED = 1
const SALT_OFFSET = 10
const SALT_LENGTH = 16
const HEAD_LENGTH: number = SALT_OFFSET + SALT_LENGTH
const TAG_LENGTH = 16
const ZERO_NONCE = new Uint8Array(12)
export const MASTER_LENGTH = 32
