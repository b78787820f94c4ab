/**
 * The bytes on the one bidirectional stream of a transfer.
 *
 * sender → receiver: `u64 size` · the file's bytes · BLAKE2b-512 of the bytes as they were read (64), then FIN
 * receiver → sender: BLAKE2b-512 of the file as read back from its disk (64), then FIN
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { pipeline } from 'node:stream/promises'
import type { Session, Stream } from '@stt/node'
import { Failure, reasonOf } from './cli.ts'
import type { Pace } from './pace.ts'

/** An open file and its length in bytes when it was opened. */
export interface SourceFile {
  readonly path: string
  readonly size: number
  readonly handle: FileHandle
}

export interface ReceivedFile {
  readonly size: number
  /** BLAKE2b-512 in hex. */
  readonly hash: string
  readonly longestSilenceMs: number
}

/** Opens a file for sending; a path that cannot be read as a file is a `Failure`. */
export async function openSource(path: string): Promise<SourceFile> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, 'r')
    const info = await handle.stat()
    if (!info.isFile()) throw new Failure('it is not a regular file')
    return { path, size: info.size, handle }
  } catch (error) {
    await handle?.close()
    throw new Failure(`cannot read ${path}: ${reasonOf(error)}`, { cause: error })
  }
}

/**
 * Sends a file and waits for the receiver's hash of what is on its disk. The keys are rotated when half has been sent.
 *
 * @param progress called with the bytes accepted so far
 * @param pace how fast it is sent, where that is not as fast as it goes
 * @returns the BLAKE2b-512 hash, in hex, that both ends found
 */
export async function sendFile(
  session: Session,
  source: SourceFile,
  progress: (sent: number) => void,
  pace?: Pace,
): Promise<string> {
  const stream = await session.openStream()
  await stream.write(sizeField(source.size))

  const hash = createHash('blake2b512')
  const buffer = new Uint8Array(READ_SIZE)
  let sent = 0
  let rotated = false
  while (sent < source.size) {
    const most = Math.min(buffer.length, source.size - sent, pace?.step ?? buffer.length)
    const { bytesRead } = await source.handle.read(buffer, 0, most)
    if (bytesRead === 0) throw new Failure(`${source.path} became shorter while it was sent`)
    const chunk = buffer.subarray(0, bytesRead)
    hash.update(chunk)
    await stream.write(chunk)
    sent += bytesRead
    progress(sent)
    await pace?.turn(sent)
    if (!rotated && sent >= source.size / 2) {
      session.rotateKeys()
      rotated = true
    }
  }
  const digest = hash.digest()
  await stream.write(digest)
  await stream.end()

  const arrived = await stream.readAll({ maxBytes: HASH_SIZE })
  if (!digest.equals(arrived))
    throw new Failure('the file on the receiver is not the file that was sent: the hashes differ')
  return digest.toString('hex')
}

/**
 * Receives a file into `path`, hashes what is on the disk, compares, and answers with the hash. While it arrives the
 * file is `path` with `.part` at its end; a transfer that fails leaves neither.
 */
export async function receiveFile(stream: Stream, path: string): Promise<ReceivedFile> {
  const size = sizeOf(await stream.readExactly(SIZE_FIELD))
  const silence = new LongestSilence()
  await pipeline(silence.watch(nextBytes(stream, size)), createWriteStream(path, { highWaterMark: WRITE_BUFFER }))
  const expected = await stream.readAll({ maxBytes: HASH_SIZE })

  const found = await hashFile(path)
  await stream.write(found)
  await stream.end()
  await stream.delivered
  if (!found.equals(expected)) throw new Failure(`${path} is not the file that was sent: the hashes differ`)
  return { size, hash: found.toString('hex'), longestSilenceMs: silence.milliseconds }
}

/** The next `length` bytes of a stream, in blocks. */
async function* nextBytes(stream: Stream, length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0; ) {
    const block = await stream.readExactly(Math.min(left, BLOCK_SIZE))
    left -= block.length
    yield block
  }
}

/** The longest time that a reader waited for the next chunk. */
class LongestSilence {
  milliseconds = 0

  async *watch(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let asked = performance.now()
    for await (const chunk of chunks) {
      this.milliseconds = Math.max(this.milliseconds, performance.now() - asked)
      yield chunk
      asked = performance.now()
    }
  }
}

async function hashFile(path: string): Promise<Buffer> {
  const hash = createHash('blake2b512')
  for await (const chunk of createReadStream(path, { highWaterMark: READ_SIZE })) hash.update(chunk)
  return hash.digest()
}

function sizeField(size: number): Uint8Array {
  const field = new Uint8Array(SIZE_FIELD)
  new DataView(field.buffer).setBigUint64(0, BigInt(size))
  return field
}

function sizeOf(field: Uint8Array): number {
  const size = Number(new DataView(field.buffer, field.byteOffset).getBigUint64(0))
  if (!Number.isSafeInteger(size)) throw new Failure('the sender announced a size that no file has')
  return size
}

const SIZE_FIELD = 8
const HASH_SIZE = 64
const READ_SIZE = 256 * 1024
/** Small, so that a slow sender is not taken for a silent one. */
const BLOCK_SIZE = 16 * 1024
const WRITE_BUFFER = 1024 * 1024
