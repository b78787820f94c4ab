import type { ByteReader } from './byte-reader.ts'
import { type Candidate, MAX_CANDIDATE_SIZE, readCandidate, writeCandidate } from './candidate.ts'
import { FrameType } from './frame-type.ts'
import { invalidArgument, malformed } from './refusal.ts'
import { varintSize, writeVarint } from './varint.ts'

/** The addresses of one side. A list with a larger number is newer. */
export interface AddressList {
  /** Number of the list, from 1. */
  readonly number: number
  /** At most eight addresses. */
  readonly candidates: readonly Candidate[]
}

/** Addresses in one list at most. */
export const MAX_CANDIDATES = 8

/** Bytes that an ADDRESSES or PUNCH takes at most. */
export const addressListSize = ({ number, candidates }: AddressList): number =>
  2 + varintSize(number) + candidates.length * MAX_CANDIDATE_SIZE

/** Bytes that an OBSERVED takes at most. */
export const OBSERVED_SIZE: number = 1 + MAX_CANDIDATE_SIZE

/**
 * Writes an ADDRESSES or a PUNCH. The caller has made sure of the space.
 *
 * @returns the offset after it
 * @throws SttError `STT_INVALID_ARGUMENT` for more than eight addresses, or one that is not valid
 */
// spec: STT-FRM-17
export function writeAddressList(
  buffer: Uint8Array,
  offset: number,
  type: typeof FrameType.Addresses | typeof FrameType.Punch,
  { number, candidates }: AddressList,
): number {
  if (candidates.length > MAX_CANDIDATES) throw invalidArgument(`at most ${MAX_CANDIDATES} addresses are told at once`)
  buffer[offset] = type
  let at = writeVarint(buffer, offset + 1, number)
  buffer[at++] = candidates.length
  for (const candidate of candidates) at = writeCandidate(buffer, at, candidate)
  return at
}

/**
 * Reads an ADDRESSES or a PUNCH behind its type. Candidates of an unknown kind are left out.
 *
 * @throws ProtocolError with rule `address-list`, or one of candidates
 */
// spec: STT-FRM-17
export function readAddressList(reader: ByteReader): AddressList {
  const start = reader.offset
  const number = reader.varint()
  if (number === 0) throw malformed('address-list', start, 'a list of addresses with the number 0')
  const count = reader.varint()
  if (count > MAX_CANDIDATES) throw malformed('address-list', start, `a list of more than ${MAX_CANDIDATES} addresses`)
  const candidates: Candidate[] = []
  for (let i = 0; i < count; i++) {
    const candidate = readCandidate(reader)
    if (candidate) candidates.push(candidate)
  }
  if (reader.offset - start >= MAX_LIST_SIZE)
    throw malformed('address-list', start, 'a list of addresses above 1,000 bytes')
  return { number, candidates }
}

/**
 * Writes an OBSERVED. The caller has made sure of the space.
 *
 * @returns the offset after it
 */
export function writeObserved(buffer: Uint8Array, offset: number, candidate: Candidate): number {
  buffer[offset] = FrameType.Observed
  return writeCandidate(buffer, offset + 1, candidate)
}

/** Bytes of a list, its type included. */
const MAX_LIST_SIZE = 1_000
