import { equalBytes } from '@stt/crypto'
import { ByteReader, type Candidate, MAX_CANDIDATE_SIZE, readCandidate, writeCandidate } from '@stt/frame'
import { Deadlines } from './deadlines.ts'

/**
 * Asks a relay over UDP where the asker's packets come from: 64 bytes, more than the answer has.
 *
 * @param nonce 8 bytes
 * @param size of the question, 64 to 1,472 bytes: an answer to a long one shows that the way carries as much
 */
// spec: STT-RLY-24
export function encodeBind(nonce: Uint8Array, size: number = BIND_SIZE): Uint8Array {
  const datagram = new Uint8Array(Math.min(Math.max(size, BIND_SIZE), MOST_BIND_SIZE))
  datagram[0] = BIND
  datagram.set(nonce.subarray(0, BIND_NONCE_SIZE), 1)
  return datagram
}

/** The nonce, as a view of the datagram; undefined for anything that is not exactly a question. */
// spec: STT-RLY-24
export function decodeBind(datagram: Uint8Array): Uint8Array | undefined {
  const { length } = datagram
  if (length < BIND_SIZE || length > MOST_BIND_SIZE || datagram[0] !== BIND) return undefined
  for (let i = 1 + BIND_NONCE_SIZE; i < length; i++) if (datagram[i] !== 0) return undefined
  return datagram.subarray(1, 1 + BIND_NONCE_SIZE)
}

/** The answer: where the question came from. */
export function encodeBound(nonce: Uint8Array, observed: Candidate): Uint8Array {
  const datagram = new Uint8Array(1 + BIND_NONCE_SIZE + MAX_CANDIDATE_SIZE)
  datagram[0] = BOUND
  datagram.set(nonce, 1)
  return datagram.subarray(0, writeCandidate(datagram, 1 + BIND_NONCE_SIZE, observed))
}

/** @param nonce of the question. @returns undefined for what does not answer it */
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
 * How the NAT in front of a socket chooses its outer port: the same one for every destination (`eim`), or another one for each
 * (`edm`, where nobody can be told where to send); `blocked`: UDP does not pass.
 */
export type Mapping = 'eim' | 'edm' | 'blocked' | undefined

/** Judges the NAT in front of one socket by what relays answer. */
// spec: STT-RLY-27
export class MappingJudge {
  /** By the endpoint that was asked. */
  readonly #seen = new Map<string, Sample>()
  readonly #ages = new Deadlines<string>(SAMPLES_AGE_IN)
  #askedAt: number | undefined

  /** A question was sent. */
  asked(now: number): void {
    this.#askedAt ??= now
  }

  /** @param relay its host, @param port the port of its that answered */
  answered(relay: string, port: number, observed: Candidate, now: number): void {
    this.#askedAt = undefined
    const endpoint = `${relay} ${port}`
    this.#seen.set(endpoint, { relay, observed })
    this.#ages.set(endpoint, now)
  }

  /** Undefined while too little is known: one relay alone cannot show that the port is the same for others. */
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

/** Both begin with the bits 11, which no packet of a session has. */
const BIND = 0xd0
const BOUND = 0xd1
const BIND_SIZE = 64
/** What a datagram of IPv4 holds on an Ethernet. */
const MOST_BIND_SIZE = 1_472
const BIND_NONCE_SIZE = 8
/** Milliseconds. */
const SAMPLES_AGE_IN = 30_000
const BLOCKED_AFTER = 3_000
