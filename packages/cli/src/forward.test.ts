import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Agent, createServer, get, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { freePort } from '@stt/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { CountingProxy } from '../test/counting-proxy.ts'
import { portOf, serverOf, tunnelTo } from '../test/forwarding.ts'
import { Machine, pairedMachines } from '../test/stt.ts'

const hashOf = (bytes: Uint8Array): string => createHash('blake2b512').update(bytes).digest('hex')

/** A connection of a client, and all that comes over it. */
function dial(port: number, host = '127.0.0.1'): Socket {
  const socket = connect({ port, host, allowHalfOpen: true })
  onTestFinished(() => void socket.destroy())
  return socket
}

/** All that comes, without an end of what goes. */
async function textOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function hashOfAll(socket: Socket): Promise<string> {
  const hash = createHash('blake2b512')
  for await (const chunk of socket) hash.update(chunk)
  return hash.digest('hex')
}

test('HTTP over connections that are kept, and 100 downloads at once', async () => {
  const body = randomBytes(500_000)
  const server = createServer((_, response) => response.end(body))
  const target = `localhost:${await portOf(server)}`
  const { ports, exposing, forwarding } = await tunnelTo([target])
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const download = async (options: { agent?: Agent } = {}): Promise<{ hash: string; reused: boolean }> => {
    const request = get({ port: ports[0], host: '127.0.0.1', ...options })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const hash = createHash('blake2b512')
    for await (const chunk of response) hash.update(chunk)
    return { hash: hash.digest('hex'), reused: request.reusedSocket }
  }
  const hash = hashOf(body)
  expect(await download({ agent })).toEqual({ hash, reused: false })
  expect(await download({ agent })).toEqual({ hash, reused: true })
  const all = await Promise.all(Array.from({ length: 100 }, () => download()))
  expect(new Set(all.map(each => each.hash))).toEqual(new Set([hash]))
  agent.destroy()
  exposing.child.kill('SIGINT')
  forwarding.child.kill('SIGINT')
  expect(await Promise.all([exposing.exit, forwarding.exit])).toEqual([130, 130])
  expect(await exposing.line('forwarded')).toMatchObject({ connections: 101, refused: 0, failed: 0 })
})

test('a WebSocket, both ways', async () => {
  const server = createServer()
  const echo = new WebSocketServer({ server })
  echo.on('connection', socket => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })))
  const { ports } = await tunnelTo([`127.0.0.1:${await portOf(server)}`])
  const socket = new WebSocket(`ws://127.0.0.1:${ports[0]}/`)
  onTestFinished(() => socket.terminate())
  await once(socket, 'open')
  const message = randomBytes(300_000)
  socket.send(message)
  const [answer] = (await once(socket, 'message')) as [Buffer]
  expect(answer.equals(message)).toBe(true)
  socket.close(1000)
  expect((await once(socket, 'close'))[0]).toBe(1000)
})

test('each direction ends by itself: what is asked after an end is answered, and the other way round', async () => {
  const asked = await serverOf(async socket => socket.end(`heard ${await textOf(socket)}`))
  const heard: string[] = []
  const speaking = await serverOf(async socket => {
    socket.end('bye')
    heard.push(await textOf(socket))
  })
  const { ports, exposing } = await tunnelTo([`localhost:${asked}`, `localhost:${speaking}`])
  const client = dial(ports[0]!)
  client.end('a question')
  expect(await text(client)).toBe('heard a question')

  const listener = dial(ports[1]!)
  const said = await textOf(listener)
  listener.end('I heard you')
  await exposing.line('connection', ({ target }) => target === `localhost:${speaking}`)
  expect([said, heard]).toEqual(['bye', ['I heard you']])
})

test('a connection that its far end breaks off is broken off here, and one that its client breaks off there', async () => {
  const closed: string[] = []
  const breaking = await serverOf(socket => socket.once('data', () => socket.resetAndDestroy()))
  const broken = await serverOf(socket => {
    socket.write('x')
    socket.on('error', error => closed.push((error as NodeJS.ErrnoException).code!))
    socket.resume()
  })
  const { ports, exposing } = await tunnelTo([`localhost:${breaking}`, `localhost:${broken}`])
  const client = dial(ports[0]!)
  client.write('x')
  expect(await once(client, 'close').catch(error => error.code)).toBe('ECONNRESET')
  const other = dial(ports[1]!)
  await once(other, 'data')
  other.resetAndDestroy()
  expect(await exposing.line('connection', ({ target }) => target === `localhost:${broken}`)).toMatchObject({
    outcome: 'reset',
  })
  expect(closed).toEqual(['ECONNRESET'])
})

test('IPv6 and names', async () => {
  const six = await serverOf(socket => socket.end('six'), '::1')
  const four = await serverOf(socket => socket.end('four'))
  const { ports } = await tunnelTo([`[0:0:0:0:0:0:0:1]:${six}`, `LOCALHOST:${four}`])
  expect(await text(dial(ports[0]!))).toBe('six')
  expect(await text(dial(ports[1]!))).toBe('four')
})

test('a connection that is not read stops its sender, holds up no other connection, and goes on when it is read', async () => {
  const size = 64 * 1_048_576
  const sending: Socket[] = []
  const sent = randomBytes(1_048_576)
  const target = await serverOf(async socket => {
    sending.push(socket)
    for (let left = size; left > 0 && !socket.destroyed; left -= sent.length) {
      if (!socket.write(sent)) await once(socket, 'drain').catch(() => {})
    }
    socket.end()
  })
  const { ports } = await tunnelTo([`localhost:${target}`])
  const slow = dial(ports[0]!)
  slow.pause()
  await once(slow, 'connect')
  await expect.poll(() => sending.length).toBe(1)
  const expected = createHash('blake2b512')
  for (let left = size; left > 0; left -= sent.length) expected.update(sent)
  const hash = expected.digest('hex')
  expect(await hashOfAll(dial(ports[0]!))).toBe(hash)
  // Buffers of both sides, of both kernels on the way and of the windows between them; not what there is to send.
  expect(sending[0]!.bytesWritten - sending[0]!.writableLength).toBeLessThan(size / 2)
  expect(await hashOfAll(slow)).toBe(hash)
})

test('a session that moves to another link keeps its connections and every byte', async () => {
  const size = 24 * 1_048_576
  const bytes = randomBytes(size)
  const target = await serverOf(socket => socket.end(bytes))
  let proxy: CountingProxy | undefined
  const { ports, forwarding } = await tunnelTo([`localhost:${target}`], async address => {
    proxy = await CountingProxy.before(address)
    return proxy.address
  })
  const client = dial(ports[0]!)
  const hash = createHash('blake2b512')
  let length = 0
  let cuts = 0
  for await (const chunk of client as AsyncIterable<Buffer>) {
    hash.update(chunk)
    length += chunk.length
    if (length > ((cuts + 1) * size) / 4 && cuts < 3) {
      cuts++
      proxy!.cut()
    }
  }
  expect([cuts, hash.digest('hex')]).toEqual([3, hashOf(bytes)])
  // One session, whose path changed.
  expect(forwarding.stderr).toBe('')
  expect(forwarding.lines.filter(({ type }) => type === 'path').length).toBeGreaterThan(1)
})

describe('what is not exposed', () => {
  test('is refused at once, with what to run there', async () => {
    const [exposer, forwarder] = await pairedMachines()
    const exposing = exposer.start(['expose', 'there', 'localhost:22', '--listen', 'ws://127.0.0.1:0', '--json'])
    const { addresses } = await exposing.line('listening')
    const run = await forwarder.run(['forward', 'here', '0:localhost:23', '--address', addresses[0]!])
    expect(run).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('here does not expose localhost:23: run there stt expose there localhost:23'),
    })
  })

  test('is named, while the others go on, and is carried once the other side exposes it', async () => {
    const port = await serverOf(socket => socket.end('hello'))
    const [there, missing] = [`localhost:${port}`, `127.0.0.1:${port}`]
    let proxy: CountingProxy | undefined
    const { exposing, machines } = await tunnelTo([there], async address => {
      proxy = await CountingProxy.before(address)
      return proxy.address
    })
    const own = await freePort()
    const isOf = (target: string) => (line: { target?: string; outcome: string }) =>
      line.target === target && line.outcome === 'not-exposed'
    const words = [`${own}:${missing}`, `0:${there}`, '--address', proxy!.address, '--json']
    const forwarding = machines[1].start(['forward', 'here', ...words])
    await forwarding.line('connection', isOf(missing))
    const other = await forwarding.line('forwarding')
    expect([other.target, await text(dial(Number(other.local.split(':').at(-1))))]).toEqual([there, 'hello'])
    expect(await once(dial(own), 'close').catch(error => error.code)).toBe('ECONNRESET')
    exposing.child.kill('SIGINT')
    await exposing.exit
    const again = machines[0].start(['expose', 'there', missing, '--listen', 'ws://127.0.0.1:0', '--json'])
    proxy!.leadTo((await again.line('listening')).addresses[0]!)
    expect(await forwarding.line('forwarding', line => line.target === missing)).toMatchObject({
      local: `127.0.0.1:${own}`,
    })
    await forwarding.line('connection', isOf(there))
    expect(await text(dial(own))).toBe('hello')
  })

  test('a port that is taken is told before anybody is looked for, and ends it', async () => {
    const port = await serverOf(() => {})
    const [, forwarder] = await pairedMachines()
    const run = await forwarder.run(['forward', 'here', `${port}:localhost:23`, '--address', 'ws://127.0.0.1:1'])
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining(`cannot listen at 127.0.0.1:${port}`) })
  })

  test('what is no target ends with 2', async () => {
    const [exposed, forwarded] = await Promise.all([
      new Machine().run(['expose', 'a', 'localhost']),
      new Machine().run(['forward', 'a', '8080']),
    ])
    expect(exposed).toMatchObject({ code: 2, stderr: expect.stringContaining('localhost is not HOST:PORT') })
    expect(forwarded).toMatchObject({ code: 2, stderr: expect.stringContaining('8080 is not PORT:HOST:PORT') })
  })
})

test('a target without a listener resets the client, is counted, and ends no other connection', async () => {
  const port = await serverOf(socket => socket.end('there'))
  const { ports, exposing, forwarding } = await tunnelTo([`127.0.0.1:1`, `127.0.0.1:${port}`])
  const client = dial(ports[0]!)
  expect(await once(client, 'close').catch(error => error.code)).toBe('ECONNRESET')
  expect(await forwarding.line('connection')).toMatchObject({ target: '127.0.0.1:1', outcome: 'refused' })
  expect(await exposing.line('connection')).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('ECONNREFUSED') }) // biome-ignore format: one line
  expect(await text(dial(ports[1]!))).toBe('there')
})

test('an exposing side that was killed: its connections are reset, and what comes when it is back is carried', async () => {
  const port = await serverOf(socket => socket.write('hello'))
  let proxy: CountingProxy | undefined
  const { ports, exposing, machines } = await tunnelTo([`localhost:${port}`], async address => {
    proxy = await CountingProxy.before(address)
    return proxy.address
  })
  const client = dial(ports[0]!)
  await once(client, 'data')
  exposing.child.kill('SIGKILL')
  await exposing.exit
  const again = machines[0].start(['expose', 'there', `localhost:${port}`, '--listen', 'ws://127.0.0.1:0', '--json'])
  proxy!.leadTo((await again.line('listening')).addresses[0]!)
  expect(await once(client, 'close').catch(error => error.code)).toBe('ECONNRESET')
  const [greeting] = await once(dial(ports[0]!), 'data')
  expect(String(greeting)).toBe('hello')
})
