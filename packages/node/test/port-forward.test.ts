import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type Duplex, pipeline } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { Seed, type Session } from '../src/index.ts'
import { connected, pattern } from './nodes.ts'

/** The recipe of the README. */
const join = (one: Duplex, other: Duplex) => pipeline(one, other, one, () => {})
const serve = (session: Session, port: number) =>
  session.onStream(stream => join(stream.toDuplex(), connect({ port, allowHalfOpen: true })))
const forward = (session: Session) =>
  createServer({ allowHalfOpen: true, pauseOnConnect: true }, socket =>
    session.openStream().then(
      stream => join(socket, stream.toDuplex()),
      () => socket.destroy(),
    ),
  )

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** A port that leads to `onSocket` over a session. */
async function forwarded(onSocket: (socket: Socket) => void): Promise<number> {
  const { dialed, accepted } = await connected({ seed: Seed.generate() })
  serve(accepted, await listening(createServer({ allowHalfOpen: true }, onSocket)))
  return listening(forward(dialed))
}

test('a request that is half-closed gets its answer', async () => {
  const port = await forwarded(async socket => {
    // Iterating over a socket to its end destroys it: its events do not.
    const request: Buffer[] = []
    socket.on('data', chunk => request.push(chunk))
    await once(socket, 'end')
    socket.end(Buffer.concat(request).reverse())
  })
  const client = connect({ port, allowHalfOpen: true })
  client.end(Buffer.from([1, 2, 3]))
  expect([...(await buffer(client))]).toEqual([3, 2, 1])
})

test('a hundred downloads at once arrive whole', async () => {
  const port = await forwarded(socket => socket.once('data', ([number]) => socket.end(pattern(20_000 + number!))))
  const download = async (number: number): Promise<number> => {
    const client = connect({ port, allowHalfOpen: true })
    client.end(Uint8Array.of(number))
    return Buffer.compare(await buffer(client), pattern(20_000 + number))
  }
  const differences = await Promise.all(Array.from({ length: 100 }, (_, number) => download(number)))
  expect(differences).toEqual(differences.map(() => 0))
})

test('a connection that breaks at one end breaks at the other, and no other connection does', async () => {
  const sockets: Socket[] = []
  const port = await forwarded(socket => {
    sockets.push(socket)
    socket.write('hello')
  })
  const [broken, whole] = [connect(port), connect(port)]
  await Promise.all([once(broken, 'data'), once(whole, 'data')])
  const ends = sockets.map(socket => once(socket.resume(), 'end'))
  broken.resetAndDestroy()
  await Promise.race(ends)
  expect(sockets.filter(socket => socket.readableEnded)).toHaveLength(1)
  for (const socket of sockets) socket.end()
  whole.end()
  await once(whole, 'close')
})
