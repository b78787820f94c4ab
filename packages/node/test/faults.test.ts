import { type CryptoProvider, provider } from '@stt/crypto'
import { expectWarnings } from '@stt/vitest-config/warnings'
import { describe, expect, test } from 'vitest'
import { Seed } from '../src/index.ts'
import { createNode, first, rejection } from './nodes.ts'

expectWarnings('STT_CLOSED')

// What throws inside a node, whatever it is, costs the handshake or the session that it was about, and nothing else.

/** A provider in which one thing can be made to fail. */
function brittle(): { readonly provider: CryptoProvider; fail: 'nothing' | 'encapsulate' | 'open' } {
  const state = { fail: 'nothing' as 'nothing' | 'encapsulate' | 'open', provider }
  const check = (what: typeof state.fail): void => {
    if (state.fail === what) throw new Error(`${what} failed`)
  }
  state.provider = {
    ...provider,
    kem: {
      ...provider.kem,
      encapsulate(...given) {
        check('encapsulate')
        return provider.kem.encapsulate(...given)
      },
    },
    aead(key) {
      const aead = provider.aead(key)
      return new Proxy(aead, {
        get(_target, name) {
          const member: unknown = Reflect.get(aead, name, aead)
          if (typeof member !== 'function') return member
          return (...given: unknown[]) => {
            if (String(name).startsWith('open')) check('open')
            return member.apply(aead, given) as unknown
          }
        },
      })
    },
  }
  return state
}

describe.each(['ws://127.0.0.1:0', 'udp://127.0.0.1:0'])('over %s', address => {
  test('a handshake that fails from inside ends alone, and the operator is told', async () => {
    const seed = Seed.generate()
    const state = brittle()
    const server = await createNode({ seed, listen: [address], provider: state.provider })
    const client = await createNode({ seed })
    const before = await client.connect(server.addresses)
    const warned = new Promise<Error>(resolve => process.once('warning', resolve))
    state.fail = 'encapsulate'
    const abort = new AbortController()
    const dialing = rejection(client.connect(server.addresses, { signal: abort.signal }))
    expect((await warned).cause).toMatchObject({ message: 'encapsulate failed' })
    abort.abort()
    expect(await dialing).toMatchObject({ code: 'STT_ABORTED' })
    expect(server.getStatistics().faults).toBeGreaterThan(0)
    state.fail = 'nothing'
    expect(await before.ping()).toBeGreaterThanOrEqual(0)
    expect((await client.connect(server.addresses)).state).toBe('active')
  })

  test('a session that fails from inside ends alone', async () => {
    const seed = Seed.generate()
    const state = brittle()
    const server = await createNode({ seed, listen: [address], provider: state.provider })
    const client = await createNode({ seed })
    const accepting = first(server.sessions())
    const dialed = await client.connect(server.addresses)
    const accepted = await accepting
    state.fail = 'open'
    void rejection(dialed.ping())
    expect((await accepted.closed).error.cause).toMatchObject({ message: 'open failed' })
    state.fail = 'nothing'
    expect(server.getStatistics().faults).toBeGreaterThan(0)
    await expect.poll(() => server.getStatistics().sessions).toBe(0)
    expect((await client.connect(server.addresses)).state).toBe('active')
  })
})
