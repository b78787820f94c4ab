/**
 * Frees memory that Node allocated for one call (OpenSSL's output, a socket's read) once it is no longer needed. Such
 * memory lies outside of V8's heap: left to the collector, bulk traffic piles up dozens of megabytes before it runs, which
 * costs rounds of collection and memory that is never in the processor's cache. The view is empty afterwards.
 *
 * Does nothing when `bytes` is only a part of the memory, which others may share, or is so small that the collector is
 * cheaper.
 */
export function detach(bytes: Uint8Array): void {
  const { buffer, length } = bytes
  if (length !== buffer.byteLength || length < WORTHWHILE) return
  transfer ??= throughClosedPort()
  transfer(buffer as ArrayBuffer)
}

type Transfer = (buffer: ArrayBuffer) => void

interface Transferable {
  transfer?(length: number): ArrayBuffer
}

const canTransfer = (ArrayBuffer.prototype as Transferable).transfer !== undefined

let transfer: Transfer | undefined = canTransfer ? buffer => void (buffer as Transferable).transfer!(0) : undefined

/** Node 20 has no `transfer`. A buffer posted to a closed port leaves this context and arrives nowhere. */
function throughClosedPort(): Transfer {
  const { port1 } = new MessageChannel()
  port1.close()
  return buffer => port1.postMessage(undefined, [buffer])
}

/** Bytes from which on freeing at once costs less than it saves. */
const WORTHWHILE = canTransfer ? 256 : 8_192
