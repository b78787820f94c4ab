import type { ByteReader } from './byte-reader.ts'
import { formatIpAddress, isMapped, parseIpAddress } from './ip-address.ts'
import { invalidArgument, malformed } from './refusal.ts'

/** How a side knows an address: from its own interface, from another that saw its packets, from a mapping that it asked for, from its operator. */
export type CandidateSource = 'host' | 'observed' | 'mapped' | 'configured'

/** An address that datagrams may reach, as one side tells it the other. */
export interface Candidate {
  /** How the side that names the address knows it. */
  readonly source: CandidateSource
  /** An IP address as text, without a zone; IPv4 is never in its mapped form. */
  readonly address: string
  /** UDP port. */
  readonly port: number
}

/** Bytes of a candidate at most, its length included. */
export const MAX_CANDIDATE_SIZE = 21

/**
 * Writes `length ‖ kind ‖ source ‖ address ‖ port`, at most `MAX_CANDIDATE_SIZE` bytes. The caller has made sure of the space.
 *
 * @returns the offset after it
 * @throws SttError `STT_INVALID_ARGUMENT` for an invalid IP address or port
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
 * @returns undefined for a kind or source that a later version defines, and for a candidate without bytes
 * @throws ProtocolError when it is cut short, or has another length than its kind
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
