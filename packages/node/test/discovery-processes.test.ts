import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Chamber } from '@stt/chamber'
import { listenRelay } from '@stt/relay'
import { expect, onTestFinished, test } from 'vitest'
import { type AddressStore, FileAddressStore, Identity, type NodeOptions, Seed, STTNode, toHex } from '../src/index.ts'
import { first } from './nodes.ts'

async function nodeWith(options: NodeOptions): Promise<STTNode> {
  const node = await STTNode.create(options)
  onTestFinished(() => node.close())
  return node
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'stt-addresses '))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

// spec: STT-REG-11 STT-REG-12
test('two nodes that share a seed and a relay, one with access keys, find each other without any address', async () => {
  const seed = Seed.generate()
  const relay = await listenRelay({ keys: [seed.deriveRendezvousKeys().access] })
  onTestFinished(() => relay.close())
  const server = await nodeWith({ seed, relays: [relay.url], metadata: { name: 'server' } })
  const client = await nodeWith({ seed, relays: [relay.url], listen: [] })
  const session = await client.connect({ signal: AbortSignal.timeout(20_000) })
  expect(toHex(session.peer.id)).toBe(toHex(server.id))
  const there = await first(client.peers())
  expect(there).toMatchObject({ type: 'appeared', seenAt: [relay.url], metadata: { name: 'server' } })
  expect(relay.getStatistics()).toMatchObject({
    faults: 0,
    registry: { records: 2, refused: { auth: 0, full: 0, rate: 0 } },
  })
  await server.close()
  // It takes itself out before its connection ends.
  expect(relay.getStatistics().registry.records).toBe(0)
})

async function chamberStore(path: string): Promise<AddressStore> {
  const chamber = await Chamber.open({ path, id: 'addresses', key: new Uint8Array(32).fill(1) })
  onTestFinished(() => chamber.close())
  return {
    load: () => chamber.retrieve('addresses'),
    save: async bytes => void (await chamber.store('addresses', bytes)),
  }
}

test.each(['file', 'chamber'])(
  'an address of an earlier time is kept, sealed, in a %s, and is enough to come back',
  async kind => {
    const path = folder()
    const file = join(path, 'known addresses')
    const kept = kind === 'file' ? new FileAddressStore(file) : await chamberStore(path)
    const [seed, identity] = [Seed.generate(), Identity.generate()]
    const server = await nodeWith({ seed, identity, listen: ['ws://127.0.0.1:0'] })
    const [address] = server.addresses
    const before = await nodeWith({ seed, discovery: { store: kept } })
    await before.connect(address!)
    await before.close()

    const shown = kind === 'file' ? readFileSync(file) : Buffer.from((await kept.load())!)
    expect(shown.includes('127.0.0.1')).toBe(false)
    expect(shown.includes(Buffer.from(identity.id.subarray(0, 8)))).toBe(false)
    if (kind === 'file') expect([statSync(file).mode & 0o777, readdirSync(path)]).toEqual([0o600, ['known addresses']])

    const after = await nodeWith({ seed, discovery: { store: kept } })
    const again = await after.connect({ peer: identity.id })
    expect(again.path).toMatchObject({ remote: address })
    const anyone = await after.connect()
    expect(toHex(anyone.peer.id)).toBe(toHex(identity.id))
  },
)

test('a store that is none, and options that are none, are refused', async () => {
  const seed = Seed.generate()
  for (const discovery of [{ store: {} }, { lan: 'yes' }, { registry: 1 }, { mdns: true }]) {
    await expect(STTNode.create({ seed, discovery: discovery as never })).rejects.toMatchObject({
      code: 'STT_INVALID_ARGUMENT',
    })
  }
  for (const path of ['', 'a\0b', 7]) {
    expect(() => new FileAddressStore(path as string)).toThrow(
      expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }),
    )
  }
})
