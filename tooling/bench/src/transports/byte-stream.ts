import { type EventEmitter, once } from 'node:events'
import { BLOCK_SIZE, type DialedEnd, decodeRequest, encodeRequest, REQUEST_SIZE, RequestKind } from './protocol.ts'

/** An ordered stream of bytes both ways, as of node:tls or streamx. */
export interface ByteStream extends EventEmitter {
  write(bytes: Uint8Array): boolean
  end(): void
  resume(): void
  destroy(): void
}

/** The dialing end over a stream. @param open opens another one */
export function dialedStream(stream: ByteStream, open: () => Promise<ByteStream>): DialedEnd {
  const small = encodeRequest(RequestKind.ping, 0)
  return {
    async upload(bytes) {
      stream.write(encodeRequest(RequestKind.upload, bytes))
      await send(stream, bytes)
      await once(stream, 'data')
    },
    async download(bytes) {
      stream.write(encodeRequest(RequestKind.download, bytes))
      await receive(stream, bytes)
    },
    async ping() {
      stream.write(small)
      await once(stream, 'data')
    },
    connection: async () => closed(await open()),
    async idle() {
      await open()
    },
    close: () => closed(stream),
  }
}

/** Answers what comes on an accepted stream. */
export function serveStream(stream: ByteStream): void {
  let left = 0
  stream.on('error', () => stream.destroy())
  stream.on('data', (data: Uint8Array) => {
    let rest = data
    while (rest.length > 0) {
      if (left > 0) {
        const taken = Math.min(left, rest.length)
        left -= taken
        rest = rest.subarray(taken)
        if (left === 0) stream.write(new Uint8Array(1))
        continue
      }
      const { kind, amount } = decodeRequest(rest)
      rest = rest.subarray(REQUEST_SIZE)
      if (kind === RequestKind.upload) left = amount
      else if (kind === RequestKind.download) void send(stream, amount)
      else stream.write(new Uint8Array(1))
    }
  })
}

async function closed(stream: ByteStream): Promise<void> {
  stream.end()
  // Whoever reads nothing does not see the end either.
  stream.resume()
  await once(stream, 'close')
}

async function send(stream: ByteStream, bytes: number): Promise<void> {
  const block = new Uint8Array(BLOCK_SIZE)
  for (let left = bytes; left > 0; left -= block.length) {
    if (!stream.write(block.subarray(0, left))) await once(stream, 'drain')
  }
}

function receive(stream: ByteStream, bytes: number): Promise<void> {
  let left = bytes
  return new Promise(resolve => {
    stream.on('data', function onData(data: Uint8Array) {
      left -= data.length
      if (left > 0) return
      stream.off('data', onData)
      resolve()
    })
  })
}
