import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { FrameDecoder } from './codec/decoder.ts'
import { Opcode } from './codec/opcode.ts'
import { FrameWriter } from './frame-writer.ts'

const LENGTH = 60_000
const payload = (number: number): Uint8Array => new Uint8Array(LENGTH).fill(number)
const closers: (() => void)[] = []

afterEach(() => {
  vi.restoreAllMocks()
  for (const close of closers.splice(0)) close()
})

/** Two ends of a connection over loopback; the second does not read. */
async function sockets(): Promise<[Socket, Socket]> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const near = connect(port, '127.0.0.1')
  await once(near, 'connect')
  const [far] = await accepted
  closers.push(() => [near, far].forEach(socket => void socket.destroy()))
  closers.push(() => server.close())
  return [near, far]
}

/** The payloads that arrive, by the number that fills each. */
async function numbersOf(far: Socket, count: number): Promise<number[]> {
  const decoder = new FrameDecoder('server')
  const numbers: number[] = []
  far.on('data', chunk => {
    decoder.push(chunk)
    for (let event = decoder.next(); event; event = decoder.next()) {
      if (event.type !== 'message') throw new Error(`a ${event.type} came`)
      const { data } = event
      numbers.push(data.length === LENGTH && data.every(byte => byte === data[0]) ? data[0]! : -1)
    }
    if (numbers.length >= count) far.emit('all')
  })
  far.resume()
  await once(far, 'all')
  return numbers
}

test('frames that the system takes at once need one block, however many leave in one turn', async () => {
  const [near, far] = await sockets()
  const confirmed = vi.fn<() => void>()
  const writer = new FrameWriter(near, true, confirmed)
  const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow')
  const sent = [1, 2, 3, 4]
  for (const number of sent) writer.write(Opcode.binary, payload(number))
  expect(writer.queuedBytes).toBe(0)
  expect(allocate.mock.calls.length).toBeLessThanOrEqual(1)
  expect(confirmed).not.toHaveBeenCalled()
  expect(await numbersOf(far, sent.length)).toEqual(sent)
  expect(confirmed).toHaveBeenCalledTimes(sent.length)
})

test('a frame that the system has not taken keeps its block until it has', async () => {
  const [near, far] = await sockets()
  const confirmed = vi.fn<() => void>()
  const writer = new FrameWriter(near, true, confirmed)
  const sent = Array.from({ length: 200 }, (_, number) => number)
  for (const number of sent) writer.write(Opcode.binary, payload(number))
  expect(writer.queuedBytes).toBeGreaterThan(LENGTH)
  expect(await numbersOf(far, sent.length)).toEqual(sent)
  expect(confirmed).toHaveBeenCalledTimes(sent.length)
})
