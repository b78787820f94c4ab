import { CHUNK_HEADER_LENGTH } from '@stt/crypto'

/** The commitment in the header of a sealed message, which is unique to it. */
export function commitmentOf(header: Uint8Array): Uint8Array<ArrayBuffer> {
  return header.slice(CHUNK_HEADER_LENGTH - COMMITMENT_LENGTH, CHUNK_HEADER_LENGTH)
}

export const COMMITMENT_LENGTH = 32
