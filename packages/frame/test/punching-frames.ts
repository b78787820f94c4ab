import {
  addressListSize,
  type Candidate,
  FrameReader,
  FrameType,
  OBSERVED_SIZE,
  readAddressList,
  readCandidate,
  writeAddressList,
  writeObserved,
} from '../src/index.ts'
import { collector, type Decoded, type FrameValue } from './frame-value.ts'

/** A frame that only sessions know which agreed on hole punching, as the vectors have it. */
export type PunchingValue =
  | { readonly type: 'ADDRESSES'; readonly sequence: number; readonly candidates: readonly Candidate[] }
  | { readonly type: 'PUNCH'; readonly round: number; readonly candidates: readonly Candidate[] }
  /** `null`: of a kind that is not known. */
  | { readonly type: 'OBSERVED'; readonly candidate: Candidate | null }

type Value = FrameValue | PunchingValue

/** Reads a packet's frames as such a session does. */
export function decodePunching(bytes: Uint8Array): Omit<Decoded, 'frames'> & { readonly frames: readonly Value[] } {
  const frames: Value[] = []
  const visitor = collector(frames as FrameValue[])
  const reader = new FrameReader({
    ...visitor,
    onOptional(type, at) {
      if (type === FrameType.Observed) frames.push({ type: 'OBSERVED', candidate: readCandidate(at) ?? null })
      else if (type === FrameType.Addresses) {
        const { number, candidates } = readAddressList(at)
        frames.push({ type: 'ADDRESSES', sequence: number, candidates })
      } else if (type === FrameType.Punch) {
        const { number, candidates } = readAddressList(at)
        frames.push({ type: 'PUNCH', round: number, candidates })
      } else return false
      return true
    },
  })
  return { ackEliciting: reader.read(bytes, 0, bytes.length), frames }
}

/** The bytes of one. */
export function encodePunching(frame: PunchingValue): Uint8Array {
  if (frame.type === 'OBSERVED') {
    const buffer = new Uint8Array(OBSERVED_SIZE)
    return buffer.subarray(0, writeObserved(buffer, 0, frame.candidate!))
  }
  const isPunch = frame.type === 'PUNCH'
  const list = { number: isPunch ? frame.round : frame.sequence, candidates: frame.candidates }
  const buffer = new Uint8Array(addressListSize(list))
  return buffer.subarray(0, writeAddressList(buffer, 0, isPunch ? FrameType.Punch : FrameType.Addresses, list))
}
