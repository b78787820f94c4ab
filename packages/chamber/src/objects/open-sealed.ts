import { CHUNK_HEADER_LENGTH, ChunkOpener, concatBytes, equalBytes } from '@stt/crypto'
import { SttError } from '@stt/errors'
import { EMPTY } from '../bytes.ts'
import type { SealedUnder } from '../keys/keyring.ts'
import { commitmentOf } from '../manifest/commitment.ts'

/**
 * Opens a whole sealed message as it arrives. Every piece is genuine; only the end of the iteration proves completeness.
 *
 * @param commitment the message that it has to be, where that is known
 * @throws STT_AUTHENTICATION, STT_TRUNCATED
 */
export async function* openSealed(
  source: AsyncIterable<Uint8Array>,
  under: SealedUnder,
  commitment?: Uint8Array,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  let opener: ChunkOpener | undefined
  let header: Uint8Array<ArrayBuffer> = EMPTY
  try {
    for await (const piece of source) {
      if (opener) {
        yield opener.update(piece)
        continue
      }
      header = concatBytes([header, piece])
      if (header.length < CHUNK_HEADER_LENGTH) continue
      opener = openHeader(header.subarray(0, CHUNK_HEADER_LENGTH), under, commitment)
      yield opener.update(header.subarray(CHUNK_HEADER_LENGTH))
    }
    if (!opener) throw new SttError('STT_TRUNCATED', 'the sealed message ends within its header')
    yield opener.finish()
  } finally {
    opener?.dispose()
  }
}

/** An opener for the one message that has `commitment`. @throws STT_AUTHENTICATION, STT_TRUNCATED */
// spec: STT-CHA-16
export function openHeader(
  header: Uint8Array,
  under: SealedUnder,
  commitment: Uint8Array | undefined,
  firstChunk = 0,
): ChunkOpener {
  if (commitment && !equalBytes(commitmentOf(header), commitment)) {
    throw new SttError('STT_AUTHENTICATION', 'the sealed message is not the one that was written last')
  }
  return new ChunkOpener({ ...under, header, firstChunk })
}
