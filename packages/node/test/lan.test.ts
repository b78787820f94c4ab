import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { randomBytes } from '@stt/crypto'
import { startLan } from '@stt/lan'
import { describe, expect, onTestFinished, test } from 'vitest'
import { lanPorts } from '../src/discovery/lan-ports.ts'
import { loadLanFrom } from '../src/discovery/load-lan.ts'
import { Identity, type NodeOptions, Seed, STTNode, toHex } from '../src/index.ts'
import { loopbackLan, loopbackName } from './loopback-lan.ts'
import { first } from './nodes.ts'

const discovery = loopbackLan!

async function nodeWith(options: NodeOptions): Promise<STTNode> {
  const node = await STTNode.create(options)
  onTestFinished(() => node.close())
  return node
}

/** A port of this machine where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

describe.runIf(loopbackLan)('nodes on the loopback interface', () => {
  // spec: STT-LAN-2 STT-LAN-4
  test('find each other by the seed alone: any one, and one by its id', async () => {
    const [seed, identity] = [Seed.generate(), Identity.generate()]
    const server = await nodeWith({ seed, identity, listen: ['udp://127.0.0.1:0', 'ws://127.0.0.1:0'], discovery })
    await nodeWith({ seed: Seed.generate(), listen: ['ws://127.0.0.1:0'], discovery })
    const client = await nodeWith({ seed, discovery })
    const session = await client.connect()
    expect(toHex(session.peer.id)).toBe(toHex(identity.id))
    expect(session.path).toMatchObject({ kind: 'udp', relayed: false, remote: server.addresses[0] })
    const there = await first(client.peers())
    expect(there).toMatchObject({ type: 'appeared', id: identity.id, seenAt: ['lan'] })
    const given = { lan: { ...discovery.lan, startLan } }
    const other = await nodeWith({ seed, discovery: given, paths: { udp: false } })
    const again = await other.connect({ peer: identity.id })
    expect(again.path?.remote).toBe(server.addresses[1])
  })

  test('find the wanted node while it is dialed where nobody answers, and no other one', async () => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1')
    onTestFinished(() => void silent.close())
    await once(silent, 'listening')
    const address = `udp://127.0.0.1:${silent.address().port}`
    const seed = Seed.generate()
    const client = await nodeWith({ seed, discovery, limits: { handshakeTimeout: 5_000 } })
    await nodeWith({ seed, listen: ['ws://127.0.0.1:0'], discovery })
    const wanted = Identity.generate()
    const dialing = client.connect(address, { peer: wanted.id })
    const server = await nodeWith({ seed, identity: wanted, listen: ['ws://127.0.0.1:0'], discovery })
    const session = await dialing
    expect([toHex(session.peer.id), session.path?.remote]).toEqual([toHex(wanted.id), server.addresses[0]])
    // Without a peer an address means who is there.
    const anyone = client.connect(address, { signal: AbortSignal.timeout(1_000) })
    await expect(anyone).rejects.toMatchObject({ code: 'STT_TIMEOUT' })
  })

  test('see one disappear that closes, and wait for one that comes later', async () => {
    const seed = Seed.generate()
    const client = await nodeWith({ seed, discovery })
    const waiting = client.connect()
    const server = await nodeWith({ seed, listen: ['udp://127.0.0.1:0'], discovery })
    expect(toHex((await waiting).peer.id)).toBe(toHex(server.id))
    const events = client.peers()[Symbol.asyncIterator]()
    expect((await events.next()).value?.type).toBe('appeared')
    const gone = events.next()
    await server.close()
    expect((await gone).value).toMatchObject({ type: 'disappeared', id: server.id })
  })

  test('do not find a node that is not there, and find those of a replaced seed', async () => {
    const [seed, next] = [Seed.generate(), Seed.generate()]
    const client = await nodeWith({ seed, discovery, limits: { handshakeTimeout: 1_000 } })
    await expect(client.connect()).rejects.toMatchObject({
      code: 'STT_NOT_FOUND',
      // On this machine nobody has another address. spec: STT-LAN-9
      message: expect.stringContaining(`On the local network mDNS hears no other machine on ${loopbackName}: `),
    })
    expect(client.lan).toEqual([{ name: loopbackName, address: '127.0.0.1', answers: true, heard: 'itself' }])
    await expect(client.connect({ peer: new Uint8Array(32) })).rejects.toMatchObject({ code: 'STT_NOT_FOUND' })
    const server = await nodeWith({ seed: next, listen: ['udp://127.0.0.1:0'], discovery })
    client.setSeeds([next])
    expect(toHex((await client.connect()).peer.id)).toBe(toHex(server.id))
  })
})

type Seen = (peer: { id: Uint8Array; addresses: string[]; ttl: number }) => void

/** A local network on which this is said when somebody looks. */
const network =
  (say: (onSeen: Seen) => void) =>
  ({ onSeen }: { onSeen: Seen }) => ({
    watch: () => say(onSeen),
    interfaces: [],
    explainSilence: () => undefined,
    unwatch() {},
    changed() {},
    keysReplaced() {},
    close: () => Promise.resolve(),
  })

test('a node that claims to be everywhere on the local network is dialed at some addresses only', async () => {
  const closed = await closedPort()
  const peer = Identity.generate().id
  const startLan = network(onSeen => {
    for (let i = 1; i <= 200; i++) onSeen({ id: peer, addresses: [`ws://127.0.0.1:${closed}/${i}`], ttl: 60_000 })
  })
  const client = await nodeWith({ seed: Seed.generate(), discovery: { lan: { startLan } } })
  await expect(client.connect(`ws://127.0.0.1:${closed}`, { peer })).rejects.toMatchObject({
    code: 'STT_CONNECT_FAILED',
    details: { attempts: 64 },
  })
})

// spec: STT-LAN-10
test('two thousand nodes that a holder of the seed makes up at its address hide no other node', async () => {
  const [closed, seed] = [await closedPort(), Seed.generate()]
  const server = await nodeWith({ seed, listen: ['ws://127.0.0.1:0'] })
  const startLan = network(onSeen => {
    for (let i = 0; i < 2_000; i++) {
      onSeen({ id: randomBytes(32), addresses: [`ws://127.0.0.2:${closed}`], ttl: 60_000 })
    }
    onSeen({ id: server.id, addresses: [...server.addresses], ttl: 60_000 })
  })
  const client = await nodeWith({ seed, discovery: { lan: { startLan } } })
  const session = await client.connect({ peer: server.id })
  expect(session.path?.remote).toBe(server.addresses[0])
})

// spec: STT-LAN-4
test.each([
  [['udp://0.0.0.0:1', 'ws://0.0.0.0:2'], '192.168.7.1', { udp: 1, ws: 2 }],
  [['udp://192.168.7.1:1', 'ws://192.168.7.2:2'], '192.168.7.1', { udp: 1, ws: 0 }],
  [['udp://127.0.0.1:1'], '192.168.7.1', { udp: 0, ws: 0 }],
  [['udp://[::]:1'], '192.168.7.1', { udp: 1, ws: 0 }],
  [['udp://[::]:1'], 'fe80::1', { udp: 1, ws: 0 }],
  [['udp://0.0.0.0:1'], 'fe80::1', { udp: 0, ws: 0 }],
  [['udp://[fe80::1%eth0]:1'], 'fe80::1', { udp: 1, ws: 0 }],
  [['ws://0.0.0.0:2/stt', 'wss://0.0.0.0:3'], '192.168.7.1', { udp: 0, ws: 0 }],
])('a node that listens at %j is at %s at %j', (listened, address, ports) => {
  expect(lanPorts(listened, address)).toEqual(ports)
})

test('the error has the line that installs the package where it is missing', async () => {
  await expect(loadLanFrom('@stt/not-installed')).rejects.toMatchObject({
    code: 'STT_UNSUPPORTED',
    message: expect.stringContaining('npm install @stt/not-installed'),
  })
})
