/** What runs in the page: one transfer at a time, over STT or over a WebSocket of the page itself. */
import { Seed, type Session, STTNode } from '@stt/node'
import { BARE_PIECE, type Direction, requestOf } from './request.ts'

export interface MeasuredPage {
  /** Opens a session for the calls that follow. */
  connect(address: string, seed: string): Promise<void>
  /** @returns seconds from the first byte to the answer of the other end, or to the last byte */
  stt(direction: Direction, size: number): Promise<number>
  bare(url: string, direction: Direction, size: number): Promise<number>
  /** What the page computes with. */
  provider(): string
}

let node: STTNode
let session: Session

const page: MeasuredPage = {
  async connect(address, seed) {
    node = await STTNode.create({ seed: Seed.fromHex(seed), limits: { maxStreamWindow: 4 * 1_048_576 } })
    session = await node.connect(address)
  },
  async stt(direction, size) {
    const stream = await session.openStream()
    const began = performance.now()
    await stream.write(requestOf(direction, size))
    if (direction === 'up') for (const piece of pieces(size)) await stream.write(piece)
    await stream.end()
    let received = 0
    for await (const chunk of stream) received += chunk.length
    check(received, direction === 'up' ? 1 : size)
    return (performance.now() - began) / 1_000
  },
  async bare(url, direction, size) {
    const socket = new WebSocket(url)
    socket.binaryType = 'arraybuffer'
    await once(socket, 'open')
    const began = performance.now()
    socket.send(requestOf(direction, size))
    const answered = receive(socket, direction === 'up' ? 1 : size)
    if (direction === 'up') {
      for (const piece of pieces(size)) {
        socket.send(piece)
        // It has no other way to say that it is full.
        while (socket.bufferedAmount > MOST_BUFFERED) await new Promise(resolve => setTimeout(resolve, 0))
      }
    }
    await answered
    const seconds = (performance.now() - began) / 1_000
    socket.close()
    return seconds
  },
  provider: () => Object.keys(node.getStatistics().cryptography).join(),
}

Object.assign(globalThis, { page })

function* pieces(size: number): Generator<Uint8Array<ArrayBuffer>> {
  const piece = new Uint8Array(BARE_PIECE).fill(7)
  for (let left = size; left > 0; left -= piece.length) yield piece.subarray(0, left)
}

const receive = (socket: WebSocket, size: number): Promise<void> =>
  new Promise((resolve, reject) => {
    let received = 0
    socket.addEventListener('close', () => reject(new Error(`the WebSocket closed after ${received} bytes`)))
    socket.addEventListener('message', ({ data }) => {
      received += (data as ArrayBuffer).byteLength
      if (received === size) resolve()
    })
  })

const once = (socket: WebSocket, type: 'open'): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.addEventListener(type, () => resolve())
    socket.addEventListener('error', () => reject(new Error('the WebSocket could not be opened')))
  })

function check(received: number, expected: number): void {
  if (received !== expected) throw new Error(`${received} bytes came, not ${expected}`)
}

const MOST_BUFFERED = 4 * 1_048_576
