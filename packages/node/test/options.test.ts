import { Identity } from '@stt/crypto'
import { describe, expect, test } from 'vitest'
import { MemoryTrustStore, type NodeLimits, type NodeOptions, Seed, STTNode } from '../src/index.ts'
import { resolveLimits } from '../src/options/node-limits.ts'
import { createNode, rejection } from './nodes.ts'

const seed = Seed.generate()
const listen = ['ws://127.0.0.1:0']

/** What `create` refuses an option with; the types allow none of these. */
async function refusal(options: unknown): Promise<string> {
  const error = await rejection(STTNode.create(options as NodeOptions).then(node => node.close()))
  expect(error).toMatchObject({ name: 'SttError', code: 'STT_INVALID_ARGUMENT' })
  return (error as Error).message
}

describe('create', () => {
  test.each([
    ['nothing', undefined, /needs a seed/],
    ['null', null, /options of create/],
    ['no seed', {}, /needs a seed/],
    ['seed and seeds', { seed, seeds: [seed] }, /either seed or seeds/],
    ['a seed as hexadecimal digits', { seed: seed.toHex() }, /a seed must be a Seed, not a text of 64 characters/],
    ['a seed as bytes', { seed: seed.toBytes() }, /a seed must be a Seed/],
    ['a null seed', { seed: null }, /a seed must be a Seed, not null/],
    ['seeds that are one', { seeds: seed }, /seeds is a list/],
    ['a seed that is none among seeds', { seeds: [seed, 'second'] }, /a seed must be a Seed/],
    ['a misspelt option', { seed, lisen: listen }, /lisen is not an option of create/],
    ['an identity as bytes', { seed, identity: new Uint8Array(32) }, /identity must be an Identity/],
    ['a provider that computes nothing', { seed, provider: {} }, /provider/],
    ['one address where a list is due', { seed, listen: 'udp://127.0.0.1:0' }, /listen is a list of addresses/],
    ['a URL among the addresses', { seed, listen: [new URL('ws://127.0.0.1:1')] }, /pass its href/],
    ['an authorize that is no function', { seed, listen, authorize: true }, /authorize/],
    ['a requireHybrid that is no truth value', { seed, requireHybrid: 'yes' }, /requireHybrid/],
    ['limits that are no object', { seed, limits: 5 }, /options of limits/],
    ['a misspelt limit', { seed, limits: { session: 3 } }, /session is not an option of limits/],
    ['a misspelt option of udp', { seed, udp: { maxPacket: 1_400 } }, /maxPacket is not an option of udp/],
    ['a packet size out of range', { seed, udp: { maxPacketSize: 100 } }, /maxPacketSize/],
    ['a buffer of no bytes', { seed, udp: { sendBufferSize: 0 } }, /sendBufferSize/],
    ['a misspelt option of ws', { seed, ws: { header: {} } }, /header is not an option of ws/],
    ['a misspelt limit of ws', { seed, ws: { limits: { maxLink: 3 } } }, /maxLink is not an option of limits/],
    ['a limit of ws out of range', { seed, ws: { limits: { dialTimeout: 0 } } }, /limits.dialTimeout/],
    ['a header with a bad name', { seed, ws: { headers: { 'X Shard': '7' } } }, /"X Shard"/],
    ['a header with a bad value', { seed, ws: { headers: { Cookie: 'a\nb' } } }, /"Cookie"/],
    ['a header that is a number', { seed, ws: { headers: { 'X-Shard': 7 } } }, /"X-Shard"/],
    ['certificates that are none', { seed, ws: { ca: 'not a certificate' } }, /ca must be certificates/],
    ['certificates of another kind', { seed, ws: { ca: [7] } }, /ca must be certificates/],
    ['an origin that is no list', { seed, ws: { origins: 'https://example.org' } }, /origins is a list/],
  ])('refuses %s', async (_, options, message) => {
    expect(await refusal(options)).toMatch(message)
  })

  test('refuses a query in an address to listen at, which has no effect', async () => {
    const error = await rejection(STTNode.create({ seed, listen: ['ws://127.0.0.1:0/path?a=b'] }))
    expect(error).toMatchObject({ code: 'STT_BAD_ADDRESS', message: expect.stringContaining('looks at no ?query') })
  })

  test('shows neither the seed nor a header that is refused', async () => {
    expect(await refusal({ seed: 'f00dface' })).not.toContain('f00d')
    expect(await refusal({ seed, ws: { headers: { Authorization: 'f00d\n' } } })).not.toContain('f00d')
  })

  test.each([
    ['a policy that is none', 'none'],
    ['null', null],
    ['a misspelt policy', { alow: [] }],
    ['no policy', {}],
    ['two policies', { allow: [], pairwise: () => undefined }],
    ['a maximum that belongs to another policy', { allow: [], max: 3 }],
    ['one id where a list is due', { allow: new Uint8Array(32) }],
    ['ids of another length', { allow: [new Uint8Array(31)] }],
    ['ids as text', { allow: ['f00d'] }],
    ['a secret where a function is due', { pairwise: new Uint8Array(32) }],
    ['a store that cannot store', { trustOnFirstUse: {} }],
    ['a maximum of none', { trustOnFirstUse: new MemoryTrustStore(), max: 0 }],
  ])('refuses peers that are %s', async (_, peers) => {
    expect(await refusal({ seed, listen, identity: Identity.generate(), peers })).toMatch(/peers/)
  })

  test('takes ids once from any iterable, and as any kind of bytes', async () => {
    const { id } = Identity.generate()
    const ids = function* () {
      yield id.slice().buffer as unknown as Uint8Array
    }
    const node = await createNode({ seed, listen, peers: { allow: ids() } })
    await node.revoke(id)
  })

  test.each([0, -1, 99, Number.NaN, 1_000.5, Number.POSITIVE_INFINITY, '15s', null, true])(
    'refuses a keepAlive of %s, and says how to turn it off',
    async keepAlive => expect(await refusal({ seed, keepAlive })).toMatch(/keepAlive.*false for never/),
  )
  test.each([false, 100, 60_000, undefined] as const)('takes a keepAlive of %s', async keepAlive => {
    await createNode({ seed, ...(keepAlive !== undefined && { keepAlive }) })
  })
})

describe('limits', () => {
  const names = Object.keys(resolveLimits()) as (keyof NodeLimits)[]

  test.each(names)('%s has a range of its own', async name => {
    for (const value of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER, '1', null]) {
      expect(await refusal({ seed, limits: { [name]: value } })).toContain(`limits.${name} must be a whole number`)
    }
    expect(resolveLimits({ [name]: undefined })).toEqual(resolveLimits())
  })

  test('0 is accepted only where it means none or never', async () => {
    const taken = names.filter(name => {
      try {
        resolveLimits({ [name]: 0 })
        return true
      } catch {
        return false
      }
    })
    expect(taken.sort()).toEqual(
      [
        'closeDeadline',
        'detachedTimeout',
        'maxDatagram',
        'maxMessage',
        'streamIdle',
        'streams',
        'waitingHandshakes',
      ].sort(),
    )
  })

  test('the limits of a peer are accepted at both edges', async () => {
    expect(resolveLimits().streams).toBe(128)
    expect(resolveLimits({ streams: 16_384 }).streams).toBe(16_384)
    expect(await refusal({ seed, limits: { streams: 16_385 } })).toMatch(/from 0 to 16384/)
    expect(await refusal({ seed, limits: { idleTimeout: 999 } })).toMatch(/from 1000/)
  })

  test('a limit that depends on another follows it', () => {
    expect(resolveLimits({ idleTimeout: 5_000 }).detachedTimeout).toBe(5_000)
    expect(resolveLimits({ streamWindow: 2 ** 30 }).maxStreamWindow).toBe(2 ** 30)
    expect(resolveLimits({ sessionWindow: 2 ** 30 }).maxSessionWindow).toBe(2 ** 30)
  })
})

describe('a node', () => {
  test.each([
    ['a URL', new URL('ws://127.0.0.1:1'), /pass its href/],
    ['nothing', undefined, /not undefined/],
    ['a number', 4_433, /not 4433/],
    ['a URL in a list', [new URL('ws://127.0.0.1:1')], /pass its href/],
    ['an empty list', [], /at least one address/],
  ])('does not connect to %s', async (_, address, message) => {
    const node = await createNode({ seed })
    const error = await rejection(node.connect(address as never))
    expect(error).toMatchObject({ code: 'STT_INVALID_ARGUMENT', message: expect.stringMatching(message) })
  })

  test.each([
    ['a misspelt option', { signl: AbortSignal.timeout(1) }],
    ['a time where a signal is due', { signal: 5_000 }],
    ['a peer that is a text', { peer: 'f00d' }],
    ['a peer of 31 bytes', { peer: new Uint8Array(31) }],
    ['no options', null],
  ])('does not connect with %s', async (_, options) => {
    const node = await createNode({ seed })
    const error = await rejection(node.connect('ws://127.0.0.1:1', options as object))
    expect(error).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  })

  test.each([undefined, 'f00d', new Uint8Array(31), 7])('does not revoke %s', async id => {
    const node = await createNode({ seed, listen, peers: { allow: [] } })
    expect(await rejection(node.revoke(id as Uint8Array))).toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
  })

  test('takes no handler that cannot be called', async () => {
    const node = await createNode({ seed })
    expect(() => node.onSession(undefined as never)).toThrow(/onSession/)
  })
})
