import type { ByteReader } from './byte-reader.ts'
import { formatIpAddress, isMapped, parseIpAddress } from './ip-address.ts'
import { invalidArgument, malformed } from './refusal.ts'

/** How whoever names an address knows it: its own interface, somebody who saw its packets, a mapping it asked for, its operator. */
export type CandidateSource = 'host' | 'observed' | 'mapped' | 'configured'

/** An address that datagrams may reach, as one side tells it the other. */
export interface Candidate {
  readonly source: CandidateSource
  /** An IP address as text, an IPv4 one never in its mapped form, and without a zone. */
  readonly address: string
  readonly port: number
}

/** Most bytes of a candidate, its length among them. */
export const MAX_CANDIDATE_SIZE = 21

/**
 * Writes `length ‖ kind ‖ source ‖ address ‖ port`, at most `MAX_CANDIDATE_SIZE` bytes. The caller has made sure of the space.
 *
 * @returns the offset after it
 * @throws SttError `STT_INVALID_ARGUMENT` for what is no IP address or port
 */
// spec: STT-RLY-4
export function writeCandidate(buffer: Uint8Array, offset: number, { source, address, port }: Candidate): number {
  const ip = parseIpAddress(address)
  const number = SOURCES.indexOf(source)
  if (!ip || number < 0 || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw invalidArgument('a candidate has a source, an IP address and a port from 0 to 65535')
  }
  const body = isMapped(ip) ? ip.subarray(12) : ip
  buffer[offset] = body.length + 4
  buffer[offset + 1] = body.length === 4 ? KIND_IPV4 : KIND_IPV6
  buffer[offset + 2] = number + 1
  buffer.set(body, offset + 3)
  const end = offset + 3 + body.length
  buffer[end] = port >>> 8
  buffer[end + 1] = port
  return end + 2
}

/**
 * Reads one candidate.
 *
 * @returns undefined for one of a kind or source that a later version defines, and for one of no bytes
 * @throws ProtocolError when it is cut short, or of a known kind and another length
 */
// spec: STT-RLY-4
export function readCandidate(reader: ByteReader): Candidate | undefined {
  const start = reader.offset
  const bytes = reader.take(reader.varint())
  const [kind = 0, number = 0] = bytes
  const size = BODY_SIZES[kind]
  if (size === undefined) return undefined
  if (bytes.length !== 2 + size)
    throw malformed('candidate-length', start, 'an address of another length than its kind')
  const source = SOURCES[number - 1]
  if (source === undefined) return undefined
  const port = (bytes[size]! << 8) | bytes[size + 1]!
  return { source, address: formatIpAddress(bytes.subarray(2, size)), port }
}

const SOURCES: readonly CandidateSource[] = ['host', 'observed', 'mapped', 'configured']
const KIND_IPV4 = 1
const KIND_IPV6 = 2
/** Address and port, by kind. */
const BODY_SIZES: Readonly<Record<number, number>> = { [KIND_IPV4]: 6, [KIND_IPV6]: 18 }
