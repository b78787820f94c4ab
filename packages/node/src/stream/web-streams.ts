import type { Clock } from '../time/clock.ts'
import type { StreamReader } from './stream-reader.ts'

/** The stream, as a `WritableStream` writes to it. */
export interface SendingHalf {
  /** Resolves when the peer has everything up to FIN; rejects when that will not happen. */
  readonly delivered: Promise<void>
  write(bytes: Uint8Array): Promise<void>
  end(): Promise<void>
  reset(): void
}

/**
 * The receiving half of a stream as a `ReadableStream`: pulled chunk by chunk, so that backpressure reaches the peer.
 * It errs and closes with the stream even without a reader: a pipe that is stuck behind a slow destination learns
 * of it.
 */
export function readableOf(reader: StreamReader): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = reader.chunks()
  let isOver = false
  let isPulling = false
  const over = (controller: Controller, failure?: unknown): void => {
    // A pull under way ends with what it has in hand, or with the same news.
    if (isOver || isPulling) return
    isOver = true
    const cause = failure ?? reader.cut
    if (cause !== undefined) return controller.error(cause)
    controller.close()
    // Only this returns a buffer that the reader brought.
    if (isOfBytes(controller)) controller.byobRequest?.respond(0)
  }
  const start = (controller: Controller): void => reader.whenOver(failure => over(controller, failure))
  const source = {
    start,
    async pull(controller: Controller) {
      isPulling = true
      const { done, value } = await chunks.next().finally(() => {
        isPulling = false
      })
      if (isOver) return
      if (done) return over(controller)
      // A stream of bytes transfers the memory that it is given, even if other code has views into it: so it gets memory of its own.
      controller.enqueue(isOfBytes(controller) ? value.slice() : value)
      start(controller)
    },
    async cancel() {
      isOver = true
      await chunks.return?.()
    },
  }
  // Not every browser has streams of bytes. That what they request is there, Node's types do not know.
  if (typeof ReadableByteStreamController === 'undefined')
    return new ReadableStream<Uint8Array<ArrayBuffer>>(source, { highWaterMark: 0 })
  // Returns memory of its own, as above; the platform's type is less precise.
  const ofBytes: ReadableStream = new ReadableStream({ ...source, type: 'bytes' } as { type: 'bytes' }, {
    highWaterMark: 0,
  })
  return ofBytes
}

/**
 * The sending half of a stream as a `WritableStream`. Aborting it resets the stream, also while a write waits; it errs
 * as soon as nothing can be written any more, even without a writer.
 *
 * @param isHeldUp whether anything waits for flow control
 */
export function writableOf(stream: SendingHalf, isHeldUp: () => boolean, clock: Clock): WritableStream<Uint8Array> {
  let patience = PATIENCE
  const settle = async (work: Promise<void>): Promise<void> => {
    const wasHeldUp = isHeldUp() && (await isSlow(work, patience, clock))
    patience = wasHeldUp ? 2 * patience : PATIENCE
    if (!wasHeldUp) await work
  }
  return new WritableStream<Uint8Array>({
    start(controller) {
      const { signal } = controller as typeof controller & { readonly signal: AbortSignal }
      signal.addEventListener('abort', () => stream.reset(), { once: true })
      stream.delivered.catch((failure: unknown) => controller.error(failure))
    },
    write(chunk, controller) {
      const work = stream.write(chunk)
      work.catch((failure: unknown) => {
        controller.error(failure)
        // A failed stream takes no chunk and no end: the peer would wait for the rest.
        stream.reset()
      })
      return settle(work)
    },
    close: () => settle(stream.end()),
    abort: () => stream.reset(),
  })
}

/**
 * Source of a Web Stream in place of the half that a one-way stream lacks: every use fails. Reading the property does not:
 * `pipeline` and others look at properties to learn what an object is.
 */
export const failing = (reason: Error): { start(controller: { error(reason: Error): void }): void } => ({
  start: controller => controller.error(reason),
})

/** Whether `work` takes longer than as many milliseconds. */
async function isSlow(work: Promise<void>, milliseconds: number, clock: Clock): Promise<boolean> {
  let timer: unknown
  const slow = new Promise<true>(resolve => {
    timer = clock.setTimer(() => resolve(true), milliseconds)
  })
  const settled = work.then(isFast, isFast)
  const result = await Promise.race([settled, slow])
  clock.clearTimer(timer)
  return result
}

const isFast = (): false => false

/**
 * Milliseconds. `pipeTo` hears its signal, as the standard has it, only once the write under way has settled: none may
 * wait for as long as a peer likes. A write that flow control holds up settles after this time, its chunk kept in the
 * stream, and the next one after twice as long: what is kept beyond credit is a few chunks, twenty after a day, and an
 * abort takes at most about as long as the pipe has stood still.
 */
const PATIENCE = 100

/** As the standard has it: Node's types know no requests. */
type ByteController = Omit<ReadableByteStreamController, 'byobRequest'> & {
  readonly byobRequest: { respond(length: number): void } | null
}
type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | ByteController

const isOfBytes = (controller: Controller): controller is ByteController => 'byobRequest' in controller
