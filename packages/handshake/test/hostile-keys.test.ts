import { fromHex, type Identity, type KeyPair, provider } from '@stt/crypto'
import { lowOrderPoints } from '@stt/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HandshakeManagerConfig, Suite } from '../src/index.ts'
import { Network, sessionOf } from './network.ts'
import { originOf } from './origins.ts'
import { identityOf } from './support.ts'

// Peers that hold the seed and put into each place of a handshake a key that no honest peer has. They make everything else
// as it should be: what any private key agrees on with a point of low order is known to be zeros.

type Config = Partial<HandshakeManagerConfig>

/** Who lies, and where. */
const places: Record<string, { readonly liar: 'dialer' | 'listener'; readonly lie: (key: Uint8Array) => Config }> = {
  'HELLO’s ephemeral': { liar: 'dialer', lie: key => ({ provider: withEphemeral(key) }) },
  'RESPONSE’s ephemeral': { liar: 'listener', lie: key => ({ provider: withEphemeral(key) }) },
  'RESPONSE’s static key': { liar: 'listener', lie: key => ({ identity: withStatic(key) }) },
  'AUTH_PROOF’s static key': { liar: 'dialer', lie: key => ({ identity: withStatic(key) }) },
  'AUTH_PROOF’s encapsulation key': { liar: 'dialer', lie: key => ({ provider: withKem(key) }) },
  'FINAL’s KEM ciphertext': { liar: 'listener', lie: key => ({ provider: withKem(key) }) },
}

const lowOrder = lowOrderPoints.map(text => fromHex(text)!)
const anyKey = fc.oneof(fc.constantFrom(...lowOrder), fc.uint8Array({ minLength: 32, maxLength: 32 }))

// spec: STT-CRY-24, STT-HS-23, STT-HS-24
describe.each(Object.keys(places))('a hostile key as %s', place => {
  test('throws nowhere, is counted, begins no session and keeps no honest peer out', () => {
    fc.assert(
      fc.property(anyKey, fc.constantFrom<Suite>(1, 2), fc.boolean(), (key, suite, datagram) => {
        const { liar, lie } = places[place]!
        const isKem = place.includes('KEM') || place.includes('encapsulation')
        const suites: readonly Suite[] = isKem ? [2] : [suite]
        const network = new Network()
        const [from, to] = datagram ? ['udp://10.0.0.1:1', 'udp://10.0.0.2:2'] : ['a', 'b']
        const nodes = {
          dialer: network.add(from, { suites, ...(liar === 'dialer' && lie(key)) }),
          listener: network.add(to, { suites, ...(liar === 'listener' && lie(key)) }),
        }
        nodes.dialer.manager.initiate(originOf(to), {}, network.now)
        network.advance(20_000)
        const honest = liar === 'dialer' ? nodes.listener : nodes.dialer
        // A random key in HELLO is a good one: then the liar itself cannot read what it gets.
        const dropped = Object.values(nodes).flatMap(node => Object.values(node.manager.getStatistics().dropped))
        expect(Math.max(...dropped)).toBeGreaterThan(0)
        expect(honest.events.filter(({ type }) => type === 'session')).toEqual([])

        const third = network.add(datagram ? 'udp://10.0.0.3:3' : 'c', { suites })
        const [asks, answers] = liar === 'dialer' ? [third, nodes.listener] : [nodes.dialer, third]
        asks.manager.initiate(originOf(answers.address), {}, network.now)
        network.settle()
        expect(sessionOf(asks).result.binding).toEqual(sessionOf(answers).result.binding)
      }),
      { numRuns: 20 },
    )
  })
})

function forged(publicKey: Uint8Array): KeyPair {
  return { publicKey: Uint8Array.from(publicKey), agree: () => new Uint8Array(32), dispose: () => {} }
}

function withEphemeral(key: Uint8Array): typeof provider {
  return { ...provider, generateKeyPair: () => forged(key) }
}

function withStatic(key: Uint8Array): Identity {
  return Object.defineProperty(identityOf('liar'), 'keyPair', { value: forged(key) })
}

/** A key, or a ciphertext, of the right length and made of anything. */
function withKem(key: Uint8Array): typeof provider {
  const filled = (length: number): Uint8Array<ArrayBuffer> =>
    Uint8Array.from({ length }, (_, i) => key[i % 32]! | (i === 1 ? 0xff : 0))
  return {
    ...provider,
    kem: {
      generate: () => ({ publicKey: filled(1_184), decapsulate: () => new Uint8Array(32), dispose: () => {} }),
      encapsulate: () => ({ ciphertext: filled(1_088), sharedSecret: new Uint8Array(32) }),
    },
  }
}
