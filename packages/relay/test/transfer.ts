import { createHash } from 'node:crypto'
import type { WebSocketLink } from '@stt/transport-ws'

/** Bytes that are the same for the same place, and nowhere else alike within a block. */
export function block(index: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let state = (index * 2_654_435_761) >>> 0 || 1
  for (let i = 0; i < size; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[i] = state
  }
  return bytes
}

/** Sends `count` messages of sizes that vary, as fast as the link takes them. @returns the digest of all, each with its size */
export async function sendAll(link: WebSocketLink, count: number, maxSize: number): Promise<string> {
  const hash = createHash('blake2b512')
  for (let i = 0; i < count; i++) {
    const message = block(i, 1 + ((i * 7_919) % maxSize))
    hash.update(`${message.length} `).update(message)
    if (link.send(message)) continue
    await new Promise<void>(resolve => {
      link.onDrain = resolve
    })
  }
  return hash.digest('hex')
}

/** Takes `count` messages. @param pace called with each; what it returns is waited for, with the link paused */
export function takeAll(
  link: WebSocketLink,
  count: number,
  pace?: (taken: number) => Promise<void> | undefined,
): Promise<string> {
  const hash = createHash('blake2b512')
  let taken = 0
  return new Promise((resolve, reject) => {
    link.onClose = reason => reject(reason ?? new Error(`closed after ${taken} of ${count} messages`))
    link.onPacket = message => {
      hash.update(`${message.length} `).update(message)
      taken++
      if (taken === count) return resolve(hash.digest('hex'))
      const wait = pace?.(taken)
      if (!wait) return
      link.pause()
      void wait.then(() => link.resume())
    }
    link.resume()
  })
}
