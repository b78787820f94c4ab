import type { Stream } from './stream.ts'

/** The receiving half of a stream as a `ReadableStream`: pulled chunk by chunk, so that backpressure reaches the peer. */
export function readableOf(stream: Stream): ReadableStream<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await iterator.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

/** The sending half of a stream as a `WritableStream`. */
export function writableOf(stream: Stream): WritableStream<Uint8Array> {
  return new WritableStream<Uint8Array>({
    write: chunk => stream.write(chunk),
    close: () => stream.end(),
    abort: () => stream.reset(),
  })
}
