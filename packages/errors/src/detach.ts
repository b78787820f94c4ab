/**
 * Frees memory that Node made for one call of ours (what OpenSSL wrote to, what a socket read), once nothing of it is
 * needed. It lies outside of V8's heap; left to the collector, bulk traffic makes dozens of megabytes before one comes by:
 * rounds of collection, and memory that is never in the processor's cache. The view is empty afterwards.
 *
 * Does nothing to memory of which `bytes` is only a part, and which others may share, nor to what is so small that the
 * collector does it for less.
 */
export function detach(bytes: Uint8Array): void {
  const { buffer, length } = bytes
  if (length !== buffer.byteLength || length < WORTHWHILE) return
  detachBuffer ??= throughClosedPort()
  detachBuffer(buffer as ArrayBuffer)
}

type Detach = (buffer: ArrayBuffer) => void

interface Transferable {
  transfer?(length: number): ArrayBuffer
}

const canTransfer = (ArrayBuffer.prototype as Transferable).transfer !== undefined

let detachBuffer: Detach | undefined = canTransfer ? buffer => void (buffer as Transferable).transfer!(0) : undefined

/** Node 20 has no `transfer`. What is posted to a closed port changes its owner, whom nobody can reach. */
function throughClosedPort(): Detach {
  const { port1 } = new MessageChannel()
  port1.close()
  return buffer => port1.postMessage(undefined, [buffer])
}

/** Bytes from which on freeing at once costs less than it saves. */
const WORTHWHILE = canTransfer ? 256 : 8_192
