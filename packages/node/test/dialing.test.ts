import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, test } from 'vitest'
import { Identity, Seed } from '../src/index.ts'
import { createNode, first, rejection } from './nodes.ts'

const hasIPv6 = Object.values(networkInterfaces()).some(all => all?.some(({ address }) => address === '::1'))
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** A firewall over UDP: it takes everything and answers nothing. */
async function udpHole(): Promise<string> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  closers.push(() => socket.close())
  return `udp://127.0.0.1:${socket.address().port}`
}

/** A port that takes connections and never says a word. */
async function silentPort(onConnection: () => void = () => {}): Promise<string> {
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket.on('error', () => {}))
    onConnection()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise(resolve => server.close(resolve))
  })
  return `ws://127.0.0.1:${(server.address() as { port: number }).port}`
}

test('a dial reaches the WebSocket address where UDP is swallowed, within the time of one signal', async () => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
  const client = await createNode({ seed })
  const accepting = first(server.sessions())
  const session = await client.connect([await udpHole(), ...server.addresses], { signal: AbortSignal.timeout(5_000) })
  expect(session.peer.address).toMatch(/^ws:/)
  await accepting
  expect([client.getStatistics().sessions, server.getStatistics().sessions]).toEqual([1, 1])
})

test('a dial to localhost finds a listener on ::1 alone, over both transports', async () => {
  if (!hasIPv6) return
  const seed = Seed.generate()
  const client = await createNode({ seed })
  for (const scheme of ['ws', 'udp']) {
    const server = await createNode({ seed, listen: [`${scheme}://[::1]:0`] })
    const port = server.addresses[0]!.split(':').at(-1)
    const session = await client.connect(`${scheme}://localhost:${port}`)
    expect(session.peer.id).toEqual(server.id)
  }
})

test('two addresses of one node make one session', async () => {
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['udp://127.0.0.1:0', 'ws://127.0.0.1:0'] })
  const client = await createNode({ seed })
  const [udp, ws] = server.addresses as [string, string]
  const session = await client.connect([ws, udp])
  await session.ping()
  expect([client.getStatistics().sessionsOpened, server.getStatistics().sessionsOpened]).toEqual([1, 1])
})

describe('out of the time of a signal', () => {
  const soon = (): AbortSignal => {
    const controller = new AbortController()
    setImmediate(() => controller.abort(new DOMException('late', 'TimeoutError')))
    return controller.signal
  }

  test('the error still names the likely causes over UDP', async () => {
    const client = await createNode({ seed: Seed.generate() })
    const signal = AbortSignal.timeout(50)
    expect(await rejection(client.connect(await udpHole(), { signal }))).toMatchObject({
      code: 'STT_TIMEOUT',
      message: expect.stringMatching(/Three causes are likely.*another seed/),
      cause: { name: 'TimeoutError' },
    })
  })

  test('the error does so over WebSocket too, where nothing answers the upgrade', async () => {
    const client = await createNode({ seed: Seed.generate() })
    expect(await rejection(client.connect(await silentPort(), { signal: soon() }))).toMatchObject({
      code: 'STT_TIMEOUT',
      message: expect.stringContaining('causes are likely'),
    })
  })

  test('the error over UDP names a node that is not the one asked for', async () => {
    const seed = Seed.generate()
    const server = await createNode({ seed, listen: ['udp://127.0.0.1:0'] })
    const client = await createNode({ seed })
    const peer = Identity.generate().id
    const signal = AbortSignal.timeout(500)
    expect(await rejection(client.connect(server.addresses, { peer, signal }))).toMatchObject({
      code: 'STT_PEER_REFUSED',
      message: expect.stringContaining('another node'),
    })
  })
})

test('a dial that its caller gives up leaves neither session nor waiting', async () => {
  const client = await createNode({ seed: Seed.generate() })
  const controller = new AbortController()
  const dialing = client.connect([await udpHole(), await silentPort()], { signal: controller.signal })
  controller.abort()
  expect(await rejection(dialing)).toMatchObject({ code: 'STT_ABORTED' })
  expect(client.getStatistics()).toMatchObject({ sessions: 0, dialing: 0 })
})

test('closing a node ends its dials', async () => {
  const client = await createNode({ seed: Seed.generate() })
  let dialing: Promise<unknown> = Promise.resolve()
  await new Promise<void>(resolve => {
    void silentPort(resolve).then(address => {
      dialing = rejection(client.connect(address))
    })
  })
  await client.close()
  expect(await dialing).toMatchObject({ code: 'STT_CLOSED' })
})

test('the error has all failures of several addresses', async () => {
  const client = await createNode({ seed: Seed.generate() })
  const error = (await rejection(client.connect(['ws://127.0.0.1:1', 'http://a', 'udp://a']))) as Error
  expect(error).toMatchObject({ code: 'STT_CONNECT_FAILED', details: { attempts: 3 } })
  for (const part of ['ws://127.0.0.1:1: STT_CONNECT_FAILED', 'http://a: STT_BAD_ADDRESS', 'needs a port']) {
    expect(error.message).toContain(part)
  }
})

test('an address with a zone is dialed, and a zone of no interface here fails at once, by name', async () => {
  const seed = Seed.generate()
  const client = await createNode({ seed })
  for (const address of [
    'ws://[fe80::1%nonesuch]:4433',
    'ws://[fe80::1%25nonesuch]:4433',
    'udp://[fe80::1%nonesuch]:4433',
  ]) {
    expect(await rejection(client.connect(address))).toMatchObject({
      code: 'STT_CONNECT_FAILED',
      message: expect.stringContaining('no network interface nonesuch'),
    })
  }
  const [loopback] =
    Object.entries(networkInterfaces()).find(([, all]) => all?.some(({ address }) => address === '::1')) ?? []
  if (loopback === undefined) return
  for (const scheme of ['ws', 'udp']) {
    const server = await createNode({ seed, listen: [`${scheme}://[::1]:0`] })
    const session = await client.connect(server.addresses[0]!.replace(']', `%${loopback}]`))
    expect(session.peer.id).toEqual(server.id)
  }
})
