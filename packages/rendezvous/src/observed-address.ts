import { equalBytes } from '@stt/crypto'
import { ByteReader, type Candidate, MAX_CANDIDATE_SIZE, readCandidate, writeCandidate } from '@stt/frame'
import { Deadlines } from './deadlines.ts'

/**
 * Makes a BIND datagram, which asks a relay for the source address of the sender. It has at least 64 bytes, more than the answer.
 *
 * @param nonce 8 bytes
 * @param size of the datagram, 64 to 1,472 bytes: an answer to a large one shows that the path carries that size
 */
// spec: STT-RLY-24
export function encodeBind(nonce: Uint8Array, size: number = BIND_SIZE): Uint8Array {
  const datagram = new Uint8Array(Math.min(Math.max(size, BIND_SIZE), MOST_BIND_SIZE))
  datagram[0] = BIND
  datagram.set(nonce.subarray(0, BIND_NONCE_SIZE), 1)
  return datagram
}

/** The nonce of a BIND datagram, as a view; undefined unless the datagram has exactly that form. */
// spec: STT-RLY-24
export function decodeBind(datagram: Uint8Array): Uint8Array | undefined {
  const { length } = datagram
  if (length < BIND_SIZE || length > MOST_BIND_SIZE || datagram[0] !== BIND) return undefined
  for (let i = 1 + BIND_NONCE_SIZE; i < length; i++) if (datagram[i] !== 0) return undefined
  return datagram.subarray(1, 1 + BIND_NONCE_SIZE)
}

/** Makes a BOUND datagram, the answer to BIND with the observed source. */
export function encodeBound(nonce: Uint8Array, observed: Candidate): Uint8Array {
  const datagram = new Uint8Array(1 + BIND_NONCE_SIZE + MAX_CANDIDATE_SIZE)
  datagram[0] = BOUND
  datagram.set(nonce, 1)
  return datagram.subarray(0, writeCandidate(datagram, 1 + BIND_NONCE_SIZE, observed))
}

/** Reads a BOUND datagram. @param nonce that of the BIND @returns undefined unless it is an answer to that BIND */
export function decodeBound(datagram: Uint8Array, nonce: Uint8Array): Candidate | undefined {
  if (datagram[0] !== BOUND || !equalBytes(datagram.subarray(1, 1 + BIND_NONCE_SIZE), nonce)) return undefined
  const reader = new ByteReader()
  reader.reset(datagram, 1 + BIND_NONCE_SIZE, datagram.length)
  try {
    const observed = readCandidate(reader)
    return reader.remaining === 0 && observed?.source === 'observed' ? observed : undefined
  } catch {
    return undefined
  }
}

/**
 * How the NAT in front of a socket maps its port: to the same outer port for every destination (`eim`), or to another one for each
 * (`edm`; then no peer can know where to send). `blocked`: UDP does not pass. Undefined: too little is known.
 */
export type Mapping = 'eim' | 'edm' | 'blocked' | undefined

/** Finds the mapping of the NAT in front of one socket from the answers of relays. */
// spec: STT-RLY-27
export class MappingJudge {
  /** Latest answer by relay endpoint. */
  readonly #seen = new Map<string, Sample>()
  readonly #ages = new Deadlines<string>(SAMPLES_AGE_IN)
  #askedAt: number | undefined

  /** A BIND was sent. */
  asked(now: number): void {
    this.#askedAt ??= now
  }

  /**
   * A BOUND has arrived.
   *
   * @param relay host of the relay
   * @param port the port of the relay that answered
   * @param observed the source address in the answer
   */
  answered(relay: string, port: number, observed: Candidate, now: number): void {
    this.#askedAt = undefined
    const endpoint = `${relay} ${port}`
    this.#seen.set(endpoint, { relay, observed })
    this.#ages.set(endpoint, now)
  }

  /** The mapping; undefined while too little is known. One relay alone cannot show that others see the same port. */
  judge(now: number): Mapping {
    for (let old = this.#ages.takeDue(now); old !== undefined; old = this.#ages.takeDue(now)) this.#seen.delete(old)
    const samples = [...this.#seen.values()]
    const [first] = samples
    if (!first) return this.#askedAt !== undefined && now - this.#askedAt >= BLOCKED_AFTER ? 'blocked' : undefined
    if (samples.some(({ observed }) => observed.port !== first.observed.port)) return 'edm'
    return samples.some(({ relay }) => relay !== first.relay) ? 'eim' : undefined
  }
}

interface Sample {
  readonly relay: string
  readonly observed: Candidate
}

/** First bytes. Both begin with the bits 11, which no packet of a session has. */
const BIND = 0xd0
const BOUND = 0xd1
const BIND_SIZE = 64
/** Payload of the largest IPv4 datagram on Ethernet. */
const MOST_BIND_SIZE = 1_472
const BIND_NONCE_SIZE = 8
/** Milliseconds. */
const SAMPLES_AGE_IN = 30_000
const BLOCKED_AFTER = 3_000
