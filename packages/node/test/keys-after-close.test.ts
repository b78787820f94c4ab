import { type CryptoProvider, provider, type SeedKeys } from '@stt/crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Identity, Seed, STTNode } from '../src/index.ts'
import { createNode, first, rejection } from './nodes.ts'

afterEach(() => vi.restoreAllMocks())

/** Collects the keys that are derived from any seed from now on. */
function derivedKeys(): { keys: SeedKeys; psk0: Uint8Array }[] {
  const derived: { keys: SeedKeys; psk0: Uint8Array }[] = []
  const { deriveKeys } = Seed.prototype
  vi.spyOn(Seed.prototype, 'deriveKeys').mockImplementation(function (this: Seed, given?: CryptoProvider) {
    const keys = deriveKeys.call(this, given ?? provider)
    derived.push({ keys, psk0: keys.psk0 })
    return keys
  })
  return derived
}

const zeros = new Uint8Array(32)

describe.each(['ws://127.0.0.1:0', 'udp://127.0.0.1:0'])('over %s', address => {
  test('close wipes every key that a node derived, and leaves those of the application', async () => {
    const derived = derivedKeys()
    const resetKeys: Uint8Array[] = []
    const { resetKey } = Identity.prototype
    vi.spyOn(Identity.prototype, 'resetKey').mockImplementation(function (this: Identity) {
      const key = resetKey.call(this)
      resetKeys.push(key)
      return key
    })
    const [seed, old] = [Seed.generate(), Seed.generate()]
    const identity = Identity.generate()
    const kept = Identity.fromPrivateKey(identity.toBytes())
    const server = await createNode({ seeds: [seed, old], identity: kept, listen: [address] })
    const client = await createNode({ seed })
    const incoming = first(server.sessions())
    const session = await client.connect(server.addresses)
    await incoming
    expect(derived).toHaveLength(3)
    expect(derived.every(({ keys }) => keys.psk0.some(byte => byte !== 0))).toBe(true)

    await session.close()
    await client.close()
    await server.close()
    for (const { keys, psk0 } of derived) {
      expect(psk0).toEqual(zeros)
      expect(() => keys.psk0).toThrow(/disposed/)
    }
    expect(resetKeys.length).toBeGreaterThan(0)
    for (const key of resetKeys) expect(key).toEqual(zeros)
    expect(kept.toBytes()).toEqual(identity.toBytes())
    expect(seed.toBytes().some(byte => byte !== 0)).toBe(true)
    expect(client.id).toHaveLength(32)
    expect(server.getStatistics().sessions).toBe(0)
    expect(await rejection(client.connect(address))).toMatchObject({ code: 'STT_CLOSED' })
  })
})

test('close wipes an identity that the node made itself', async () => {
  const dispose = vi.spyOn(Identity.prototype, 'dispose')
  const node = await createNode({ seed: Seed.generate() })
  expect(dispose).not.toHaveBeenCalled()
  await node.close()
  expect(dispose).toHaveBeenCalledOnce()
})

test('a node that could not be made leaves no key behind', async () => {
  const derived = derivedKeys()
  const seed = Seed.generate()
  await rejection(STTNode.create({ seed, metadata: 'x'.repeat(600) }))
  await rejection(STTNode.create({ seed, listen: ['ws://192.0.2.1:1'] }))
  expect(derived).toHaveLength(2)
  for (const { psk0 } of derived) expect(psk0).toEqual(zeros)
})
