import { MAX_HOST, type Target } from './target.ts'

/*
 * Request and answer at the beginning of a forwarded connection, as in ../../FORWARD.md. No I/O.
 */

/** A request of the side that listens, on a stream that it opened. */
export interface Request extends Target {
  /** `check` only asks whether the target is exposed, and connects to nothing. */
  readonly kind: 'connect' | 'check'
}

/** An answer of the exposing side. */
export type Answer = keyof typeof ANSWERS

/** The other side broke the protocol. */
export class ForwardProtocolError extends Error {
  override readonly name: string = 'ForwardProtocolError'
}

export function encodeRequest({ kind, host, port }: Request): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(host)
  const bytes = new Uint8Array(HEADER_LENGTH + name.length)
  bytes.set([VERSION, KINDS[kind], port >> 8, port & 0xff, name.length])
  bytes.set(name, HEADER_LENGTH)
  return bytes
}

/** Bytes of the host that follow a header. @throws ForwardProtocolError for a header that is not allowed */
export function hostLength(header: Uint8Array): number {
  const [version, kind, , , length] = header as unknown as [number, number, number, number, number]
  if (version !== VERSION) throw new ForwardProtocolError(`version ${version} of forwarding, where this side speaks 1`)
  if (kind !== KINDS.connect && kind !== KINDS.check) throw new ForwardProtocolError(`a request of kind ${kind}`)
  if (length === 0 || length > MAX_HOST) throw new ForwardProtocolError(`a host of ${length} bytes`)
  return length
}

/** @throws ForwardProtocolError for a host that is not printable ASCII, and for port 0 */
export function decodeRequest(header: Uint8Array, host: Uint8Array): Request {
  const port = (header[2]! << 8) | header[3]!
  if (port === 0) throw new ForwardProtocolError('port 0')
  if (host.some(byte => byte <= 0x20 || byte >= 0x7f)) throw new ForwardProtocolError('a host that is not ASCII')
  return { kind: header[1] === KINDS.check ? 'check' : 'connect', host: String.fromCharCode(...host), port }
}

export const encodeAnswer = (answer: Answer): Uint8Array<ArrayBuffer> => Uint8Array.of(ANSWERS[answer])

/** @throws ForwardProtocolError for a byte that stands for no answer */
export function decodeAnswer(byte: number): Answer {
  const answer = (Object.keys(ANSWERS) as Answer[]).find(each => ANSWERS[each] === byte)
  if (answer === undefined) throw new ForwardProtocolError(`an answer ${byte}`)
  return answer
}

/** Bytes before the host of a request. */
export const HEADER_LENGTH = 5
const VERSION = 1
const KINDS = { connect: 1, check: 2 } as const
const ANSWERS = {
  /** The target's bytes follow. */
  connected: 0,
  /** The exposing side does not allow this target. */
  'not-exposed': 1,
  /** No program listens there. */
  refused: 2,
  /** The name is unknown, or there is no route or no answer in time. */
  unreachable: 3,
} as const
