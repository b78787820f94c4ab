import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { Identity, Seed, type Session, STTNode, type Stream } from '@stt/node'
import { expect, onTestFinished, test } from 'vitest'
import { serverOf, swallowerAt } from '../../test/forwarding.ts'
import { type Machine, pairedMachines } from '../../test/stt.ts'
import { Home } from '../home/home.ts'
import { encodeAnswer, encodeRequest } from './protocol.ts'
import { type ServeOptions, serveStream } from './serve-stream.ts'

/** A node with the keys of a machine, that runs none of this project's commands. */
async function nodeOf(machine: Machine, name: string, listen: readonly string[] = []): Promise<STTNode> {
  const home = new Home(machine.home, () => Promise.reject(new Error('no passphrase is asked for')))
  const { seed, identity } = await home.keys(await home.state(name))
  const node = await STTNode.create({
    seed: Seed.fromBytes(seed),
    identity: Identity.fromPrivateKey(identity),
    metadata: { verb: listen.length > 0 ? 'expose' : 'forward' },
    listen,
  })
  onTestFinished(() => node.close())
  return node
}

async function answerTo(session: Session, bytes: Uint8Array): Promise<number | string> {
  const stream = await session.openStream()
  await stream.write(bytes)
  const answer = await stream.readExactly(1).catch((error: { code: string }) => error.code)
  return typeof answer === 'string' ? answer : answer[0]!
}

test('a machine with the seed reaches only what is exposed, for any request, and is counted', async () => {
  const reached: string[] = []
  const allowed = await serverOf(socket => socket.end('in'))
  const secret = await serverOf(socket => {
    reached.push('the secret')
    socket.end()
  })
  const [exposer, forwarder] = await pairedMachines()
  const exposing = exposer.start(['expose', 'there', `localhost:${allowed}`, '--listen', 'ws://127.0.0.1:0', '--json'])
  const address = (await exposing.line('listening')).addresses[0]!
  const hostile = await nodeOf(forwarder, 'here')
  const session = await hostile.connect(address)
  const asks = [
    ['localhost', secret],
    ['127.0.0.1', secret],
    // The same machine under other names: only the text that was exposed is.
    ['127.0.0.1', allowed],
    ['LOCALHOST', allowed],
    ['localhost.', allowed],
    [`localhost:${allowed}@127.0.0.1`, secret],
    ['169.254.169.254', 80],
  ] as const
  for (const [host, port] of asks) {
    for (const kind of ['connect', 'check'] as const) {
      expect(await answerTo(session, encodeRequest({ kind, host, port })), host).toBe(1)
    }
  }
  const good = encodeRequest({ kind: 'connect', host: 'localhost', port: allowed })
  for (const [at, value] of [
    [0, 2],
    [1, 9],
    [4, 0],
    [4, 255],
    [5, 0x0a],
  ] as const) {
    const bad = Uint8Array.from(good)
    bad[at] = value
    expect(await answerTo(session, bad)).toBe('STT_STREAM_RESET')
  }
  // Unidirectional streams, and one that never sends a request, have no effect.
  const oneWay = await session.openSendStream()
  await oneWay.write(good)
  await session.openStream()
  // Many at once: as many as there are places, and the rest in turn.
  const many = Array.from({ length: 400 }, () =>
    answerTo(session, encodeRequest({ kind: 'connect', host: 'x', port: 1 })),
  )
  expect(new Set(await Promise.all(many))).toEqual(new Set([1]))
  const stream = await session.openStream()
  await stream.write(good)
  await stream.end()
  expect(Buffer.from(await stream.readAll({ maxBytes: 9 })).toString()).toBe('\0in')
  await session.close()
  exposing.child.kill('SIGINT')
  expect(await exposing.exit).toBe(130)
  expect(reached).toEqual([])
  expect(await exposing.line('forwarded')).toMatchObject({ connections: 1, refused: 2 * asks.length + 400 })
})

test('a request that does not come, or comes in pieces, holds a place for as long as it may and no longer', async () => {
  const port = await serverOf(socket => socket.end('in'))
  const [machine, other] = await pairedMachines()
  const node = await nodeOf(machine, 'there', ['ws://127.0.0.1:0'])
  const served = serveFirst(node, { requestTimeout: 50 })
  const session = await (await nodeOf(other, 'here')).connect(node.addresses[0]!)
  const stream = await session.openStream()
  await stream.write(encodeRequest({ kind: 'connect', host: 'localhost', port }).subarray(0, 7))
  expect(await served).toMatchObject({
    outcome: 'broken',
    reason: expect.stringContaining('it asked for no target within'),
  })
  await expect(stream.readExactly(1)).rejects.toMatchObject({ code: 'STT_STREAM_RESET' })
})

async function serveFirst(node: STTNode, options: Partial<ServeOptions>): ReturnType<typeof serveStream> {
  for await (const session of node.sessions()) {
    for await (const stream of session.streams()) {
      return serveStream(stream, { ...SERVE, ...options })
    }
  }
  throw new Error('no stream came')
}

const SERVE: ServeOptions = { exposed: new Set(), requestTimeout: 50, connectTimeout: 50, onOpen: () => {} }

const noQueue =
  process.platform === 'linux' ? '' : ': SKIPPED, only Linux swallows what comes to a listener that is full'

test.skipIf(noQueue)(`a name whose first address swallows what is sent leads to its next one${noQueue}`, async () => {
  const port = await swallowerAt('127.0.0.2')
  await serverOf(socket => socket.end('next'), '127.0.0.1', port)
  const [machine, other] = await pairedMachines()
  const node = await nodeOf(machine, 'there', ['ws://127.0.0.1:0'])
  const asked: string[] = []
  const served = serveFirst(node, {
    exposed: new Set([`two.example:${port}`]),
    requestTimeout: 10_000,
    connectTimeout: 10_000,
    lookup(host, _options, callback) {
      asked.push(host)
      callback(
        null,
        ['127.0.0.2', '127.0.0.1'].map(address => ({ address, family: 4 })),
      )
    },
  })
  const session = await (await nodeOf(other, 'here')).connect(node.addresses[0]!)
  const stream = await session.openStream()
  await stream.write(encodeRequest({ kind: 'connect', host: 'two.example', port }))
  await stream.end()
  expect(Buffer.from(await stream.readAll({ maxBytes: 9 })).toString()).toBe('\0next')
  expect([asked, await served]).toEqual([['two.example'], expect.objectContaining({ outcome: 'ended', sent: 4 })])
})

test('an exposing side that answers wrongly or not at all, or floods with streams, costs only its clients', async () => {
  const [machine, other] = await pairedMachines()
  const node = await nodeOf(machine, 'there', ['ws://127.0.0.1:0'])
  const answers = [
    async (stream: Stream) => stream.write(Uint8Array.of(77)),
    async (stream: Stream) => stream.end(),
    async (stream: Stream) => stream.reset(),
    async (stream: Stream) => {
      await stream.write(encodeAnswer('connected'))
      await stream.write(new TextEncoder().encode('at last'))
      await stream.end()
    },
  ]
  const serve = async (): Promise<void> => {
    let turn = -1
    for await (const session of node.sessions()) {
      for (let count = 0; count < 128; count++)
        void session.openStream().then(stream => stream.write(new Uint8Array(9)))
      session.onStream(async stream => {
        // The first one is the check.
        if (turn++ < 0) await stream.write(encodeAnswer('connected')).then(() => stream.end())
        else await answers[turn - 1]!(stream)
      })
    }
  }
  void serve()
  const words = ['forward', 'here', '0:localhost:80', '--address', node.addresses[0]!, '--json']
  const forwarding = other.start(words)
  const { local } = await forwarding.line('forwarding')
  const dial = (): Socket => connect(Number(local.split(':')[1]), '127.0.0.1')
  for (let count = 1; count < answers.length; count++) {
    const client = dial()
    client.write('x')
    expect(await once(client, 'close').catch(error => error.code)).toBe('ECONNRESET')
  }
  const client = dial()
  client.end('x')
  expect(await text(client)).toBe('at last')
  const outcomes = forwarding.lines.flatMap(line => (line.type === 'connection' ? [line.outcome] : []))
  expect(outcomes.slice(0, 3)).toEqual(['broken', 'reset', 'reset'])
})

test('an exposing side that does not know what is asked ends the command, with what to do', async () => {
  const [machine, other] = await pairedMachines()
  for (const answer of [(stream: Stream) => stream.reset(), (stream: Stream) => stream.write(Uint8Array.of(9))]) {
    const node = await nodeOf(machine, 'there', ['ws://127.0.0.1:0'])
    const serve = async (): Promise<void> => {
      for await (const session of node.sessions()) session.onStream(answer)
    }
    void serve()
    const run = await other.run(['forward', 'here', '0:localhost:80', '--address', node.addresses[0]!])
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining('install the same version of stt on both') })
    await node.close()
  }
})
