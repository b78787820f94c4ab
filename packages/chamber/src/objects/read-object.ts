import { CHUNK_HEADER_LENGTH, CHUNK_LENGTH, sealedRange } from '@stt/crypto'
import { isSttError } from '@stt/errors'
import { collectUpTo } from '../bytes.ts'
import { corrupt, corruptObject, saysForged } from '../failures.ts'
import type { SealedUnder } from '../keys/keyring.ts'
import type { Entry } from '../manifest/entry.ts'
import type { ScopedStore } from '../store/scoped-store.ts'
import { openHeader, openSealed } from './open-sealed.ts'

/** A part of an object: the plaintext bytes from `start` to before `end`, within the object. */
export interface Part {
  readonly start: number
  readonly end: number
}

/**
 * The bytes of a part of an object, in proved pieces. For a whole object, the end of the iteration proves completeness.
 *
 * @throws STT_CHAMBER_CORRUPT that names the key
 */
export async function* readObject(
  store: ScopedStore,
  name: string,
  entry: Entry,
  under: SealedUnder,
  part: Part,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const isWhole = part.start === 0 && part.end === entry.size
  try {
    if (isWhole) yield* readWhole(store, name, entry, under)
    else if (part.end > part.start) yield* readPart(store, name, entry, under, part)
  } catch (error) {
    throw saysForged(error) || isSttError(error, 'STT_CHAMBER_CORRUPT') ? corruptObject(entry.key, error) : error
  }
}

async function* readWhole(
  store: ScopedStore,
  name: string,
  { size, commitment }: Entry,
  under: SealedUnder,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const source = (await store.get(name)) ?? gone()
  let length = 0
  for await (const piece of openSealed(source, under, commitment)) {
    length += piece.length
    if (piece.length > 0) yield piece
  }
  if (length !== size) throw corrupt('it has another length than its record says')
}

/** Reads the header, and only the chunks that hold the part. */
async function* readPart(
  store: ScopedStore,
  name: string,
  { size, commitment }: Entry,
  under: SealedUnder,
  { start, end }: Part,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const head = (await store.get(name, { start: 0, end: CHUNK_HEADER_LENGTH })) ?? gone()
  const header = (await collectUpTo(head, CHUNK_HEADER_LENGTH)) ?? gone()
  const range = sealedRange(start, end)
  const opener = openHeader(header, under, commitment, range.firstChunk)
  try {
    let at = range.firstChunk * CHUNK_LENGTH
    const cut = (piece: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
      const from = Math.max(start - at, 0)
      at += piece.length
      return piece.subarray(from, piece.length - Math.max(at - end, 0))
    }
    for await (const sealed of (await store.get(name, { start: range.start, end: range.end })) ?? gone()) {
      const piece = cut(opener.update(sealed))
      if (piece.length > 0) yield piece
    }
    const reachesLastChunk = end > Math.floor(size / CHUNK_LENGTH) * CHUNK_LENGTH
    if (reachesLastChunk) yield cut(opener.finish())
    if (at < end) throw corrupt('it is shorter than its record says')
  } finally {
    opener.dispose()
  }
}

function gone(): never {
  throw corrupt('it is gone')
}
