import { describe, expect, test } from 'vitest'
import { Network, sessionOf } from '../test/network.ts'
import { originOf } from '../test/origins.ts'
import { identityOf, seededEntropy } from '../test/support.ts'
import { type HandshakeManagerConfig, MemoryTrustStore, openPolicy, type PeerPolicy } from './index.ts'
import { createPolicy } from './policy.ts'

const idOf = (label: string): Uint8Array => identityOf(label).id
const unsupported = expect.objectContaining({ code: 'STT_UNSUPPORTED' })
const invalid = expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' })

const NEAR = 'udp://10.0.0.1:1001'
const FAR = 'udp://10.0.0.2:4433'

describe('any', () => {
  test('lets every holder of the seed in, and says that revoking would be for nothing', async () => {
    const policy = createPolicy()
    expect(policy).toBe(openPolicy)
    expect([policy.isRefused(idOf('a')), policy.allowIncoming(idOf('a')), await policy.pinnedId(FAR)]).toEqual([
      false,
      true,
      undefined,
    ])
    // spec: STT-HS-49
    await expect(policy.revoke(idOf('a'))).rejects.toThrow(unsupported)
  })
})

test.each([
  { alow: [new Uint8Array(32)] },
  {},
  null,
  'all',
  [new Uint8Array(32)],
  { allow: [], pairwise: () => undefined },
  { allow: undefined },
  { allow: [], max: 2 },
  { allow: 'ab' },
  { pairwise: new Uint8Array(32) },
  { trustOnFirstUse: undefined },
  { trustOnFirstUse: { list: async () => [], admit: async () => true } },
])('peers that say no rule, two, or half of one are refused: %j', peers => {
  expect(() => createPolicy(peers as never)).toThrow(invalid)
})

describe('allow', () => {
  test('knows its ids until they are revoked', async () => {
    const policy = createPolicy({ allow: [idOf('a'), idOf('b')] })
    expect(['a', 'b', 'c'].map(label => policy.allowIncoming(idOf(label)))).toEqual([true, true, false])
    await policy.revoke(idOf('a'))
    expect(['a', 'b', 'c'].map(label => policy.isRefused(idOf(label)))).toEqual([true, false, true])
    expect(() => createPolicy({ allow: [new Uint8Array(31)] })).toThrow(invalid)
  })

  test.each([
    [['near'], ['far'], 'session'],
    [['near'], [], 'STT_PEER_REFUSED'],
    [[], ['far'], 'STT_PEER_REFUSED'],
  ] as const)('the listener allows %j, the dialer %j: %s', async (listener, dialer, outcome) => {
    const ids = { near: identityOf(NEAR).id, far: identityOf(FAR).id }
    const listen = createPolicy({ allow: listener.map(label => ids[label]) })
    const dial = createPolicy({ allow: dialer.map(label => ids[label]) })
    expect(meet(dial, listen)).toBe(outcome)
  })
})

// spec: STT-HS-38
describe('pairwise', () => {
  test.each([
    ['throws', () => { throw new Error('not in the table') }], // biome-ignore format: one line
    ['gives a promise', async () => new Uint8Array(32)],
    ['gives a promise that rejects', () => Promise.reject(new Error('no connection'))],
    ['gives 31 bytes', () => new Uint8Array(31)],
    ['gives a text', () => 'x'.repeat(32)],
    ['gives null', () => null],
  ])('a callback that %s refuses that peer, and the operator is told', async (what, callback) => {
    const told: Error[] = []
    const policy = createPolicy({ pairwise: callback as () => Uint8Array }, error => void told.push(error))
    expect(policy.pairwise?.(idOf('a'))).toBeUndefined()
    // An unhandled rejection would show by now.
    await new Promise(resolve => setImmediate(resolve))
    expect(told).toHaveLength(what === 'gives a promise that rejects' ? 2 : 1)
    for (const error of told) expect(error).toMatchObject({ code: 'STT_PEER_REFUSED', cause: expect.any(Error) })
    expect(meet(createPolicy({ pairwise: () => seededEntropy('one')(32) }), policy)).toBe('STT_TIMEOUT')
  })

  test('a callback that keeps or changes the id it is given changes only its copy', () => {
    const id = idOf('a')
    createPolicy({ pairwise: given => void given.fill(0) }).pairwise?.(id)
    expect(id).toEqual(idOf('a'))
  })

  test('refuses who has no secret, and who is revoked', async () => {
    const secret = seededEntropy('pairwise')(32)
    const policy = createPolicy({ pairwise: id => (id[0] === idOf('a')[0] ? secret : undefined) })
    expect([policy.pairwise?.(idOf('a')), policy.pairwise?.(idOf('b'))]).toEqual([secret, undefined])
    await policy.revoke(idOf('a'))
    expect(policy.pairwise?.(idOf('a'))).toBeUndefined()
  })

  test('connects two that share a secret, and no others', () => {
    const of = (label: string): PeerPolicy => createPolicy({ pairwise: () => seededEntropy(label)(32) })
    expect(meet(of('one'), of('one'))).toBe('session')
    expect(meet(of('one'), of('two'))).toBe('STT_TIMEOUT')
    expect(meet(createPolicy(), of('one'))).toBe('STT_TIMEOUT')
    expect(meet(createPolicy({ pairwise: () => undefined }), of('one'))).toBe('STT_PEER_REFUSED')
  })
})

describe('trust on first use', () => {
  test('listening, keeps the first ones and refuses the rest, in one store for several programs', async () => {
    const store = new MemoryTrustStore()
    const [one, other] = [
      createPolicy({ trustOnFirstUse: store, max: 2 }),
      createPolicy({ trustOnFirstUse: store, max: 2 }),
    ]
    expect(
      await Promise.all([one.allowIncoming(idOf('a')), other.allowIncoming(idOf('b')), one.allowIncoming(idOf('c'))]),
    ).toEqual([true, true, false])
    expect(await other.allowIncoming(idOf('a'))).toBe(true)
  })

  test('one is kept unless told otherwise', async () => {
    const policy = createPolicy({ trustOnFirstUse: new MemoryTrustStore() })
    expect([await policy.allowIncoming(idOf('a')), await policy.allowIncoming(idOf('b'))]).toEqual([true, false])
    for (const max of [0, 1.5, -1]) {
      expect(() => createPolicy({ trustOnFirstUse: new MemoryTrustStore(), max })).toThrow(invalid)
    }
  })

  test('dialing, expects at an address who answered there first', async () => {
    const policy = createPolicy({ trustOnFirstUse: new MemoryTrustStore() })
    expect(await policy.pinnedId(FAR)).toBeUndefined()
    expect(await policy.pin(FAR, idOf('a'))).toBe(true)
    expect(await policy.pinnedId(FAR)).toEqual(idOf('a'))
    expect(await policy.pin(FAR, idOf('b'))).toBe(false)
    expect(await policy.pinnedId(NEAR)).toBeUndefined()
  })

  test('a revoked node is not let in again, and its place is free', async () => {
    const policy = createPolicy({ trustOnFirstUse: new MemoryTrustStore() })
    await policy.allowIncoming(idOf('a'))
    await policy.pin(FAR, idOf('a'))
    await policy.revoke(idOf('a'))
    expect(await policy.pinnedId(FAR)).toBeUndefined()
    expect([await policy.allowIncoming(idOf('a')), await policy.allowIncoming(idOf('b'))]).toEqual([false, true])
  })

  test('nor by the store itself, under any name, whatever policy asks it', async () => {
    const store = new MemoryTrustStore()
    expect(await store.admit('a name', idOf('a'), 2)).toBe(true)
    await store.revoke(idOf('a'))
    expect([await store.admit('a name', idOf('a'), 2), await store.admit('another', idOf('a'), 2)]).toEqual([
      false,
      false,
    ])
    expect(await store.admit('a name', idOf('b'), 1)).toBe(true)
  })

  // spec: STT-HS-39
  test('a node that was revoked, here or by another program, is told nothing of who dials', async () => {
    const store = new MemoryTrustStore()
    const [here, other] = [createPolicy({ trustOnFirstUse: store }), createPolicy({ trustOnFirstUse: store })]
    const id = identityOf(FAR).id
    const revoking = here.revoke(id)
    expect([here.isRefused(id), other.isRefused(id)]).toEqual([true, false])
    await revoking
    await other.pinnedId(FAR)
    expect(other.isRefused(id)).toBe(true)
    expect(meet(other, createPolicy())).toBe('STT_PEER_REFUSED')
  })

  test('a revocation that the store could not keep holds for this process', async () => {
    const store = new MemoryTrustStore()
    store.revoke = () => Promise.reject(new Error('disk full'))
    const policy = createPolicy({ trustOnFirstUse: store, max: 2 })
    await expect(policy.revoke(idOf('a'))).rejects.toMatchObject({
      code: 'STT_TRUST_STORE',
      cause: { message: 'disk full' },
    })
    expect([
      policy.isRefused(idOf('a')),
      await policy.allowIncoming(idOf('a')),
      await policy.allowIncoming(idOf('b')),
    ]).toEqual([true, false, true])
  })

  test.each([
    ['throws', () => { throw new Error('no connection') }], // biome-ignore format: one line
    ['rejects', () => Promise.reject(new Error('no connection'))],
    ['gives a text', () => 'no'],
    ['gives a list of something else', async () => [new Uint8Array(31)]],
    ['gives one', async () => 1],
  ])('a store that %s is an error with a code, never a yes', async (_what, call) => {
    const broken = call as () => never
    const policy = createPolicy({ trustOnFirstUse: { list: broken, admit: broken, revoke: broken } })
    const failed = { code: 'STT_TRUST_STORE' }
    await expect(policy.pinnedId(FAR)).rejects.toMatchObject(failed)
    await expect(policy.pin(FAR, idOf('a'))).rejects.toMatchObject(failed)
    await expect(policy.allowIncoming(idOf('a'))).rejects.toMatchObject(failed)
  })

  test('a node with a changed key is not reached', async () => {
    const policy = createPolicy({ trustOnFirstUse: new MemoryTrustStore() })
    await policy.pin(FAR, idOf('the one before'))
    expect(meet(policy, createPolicy(), await policy.pinnedId(FAR))).toBe('STT_PEER_REFUSED')
  })
})

/** How a dial ends between nodes with these policies, as a node would use them. */
function meet(dial: PeerPolicy, listen: PeerPolicy, expectedPeer?: Uint8Array): string {
  const network = new Network()
  const authorize: HandshakeManagerConfig['authorize'] = ({ id }) =>
    listen.allowIncoming(id) === true ? 'accept' : 'refuse'
  const near = network.add(NEAR, { pairwise: dial.pairwise })
  const far = network.add(FAR, { pairwise: listen.pairwise, authorize })
  near.manager.initiate(originOf(FAR), { allowPeer: id => !dial.isRefused(id), expectedPeer }, network.now)
  network.advance(10_000)
  const [event] = near.events
  if (event?.type === 'failed') return event.error.code
  expect(sessionOf(near).result.binding).toEqual(sessionOf(far).result.binding)
  return 'session'
}
