import { concatBytes, type KeyPair, provider, toHex } from '@stt/crypto'
import { decode } from '@stt/serialize'
import { describe, expect, test } from 'vitest'
import type { Suite } from '../src/index.ts'
import { runSchedule } from '../src/key-schedule.ts'
import { NoiseTrace, open } from './noise-trace.ts'
import { makePair, seededEntropy, seedKeys, utf8 } from './support.ts'

const NOW = 1_000

/** Everything that went over the wire. */
interface Recording {
  readonly hello: Uint8Array
  readonly response: Uint8Array
  readonly proof: Uint8Array
  readonly final: Uint8Array
}

/** The secrets that the attacker has when reading the recording. */
interface Loot {
  readonly statics: readonly KeyPair[]
  readonly ephemerals: readonly KeyPair[]
  readonly kemSecret?: Uint8Array
}

// spec: STT-HS-18
describe('an attacker with the seed, both static keys and the whole recording', () => {
  test('reads HELLO, reaches ee and gets no further', () => {
    const { recording } = record(1)
    expect(attack(recording, { statics: statics(), ephemerals: [] }, 1)).toEqual({ reached: 'ee' })
  })

  test('given one side’s ephemeral key, has the session: the attacker is a real one', () => {
    for (const side of ['dialer', 'listener']) {
      const { recording, secret } = record(1)
      const loot = { statics: statics(), ephemerals: [ephemeralOf(side)] }
      expect(attack(recording, loot, 1)).toEqual({ reached: 'the session', secret })
    }
  })

  test('given one ephemeral key and no static key, is stopped by the static keys', () => {
    const { recording } = record(1)
    expect(attack(recording, { statics: [], ephemerals: [ephemeralOf('dialer')] }, 1)).toEqual({ reached: 'se' })
  })

  test('in suite 2, given even an ephemeral key, lacks the KEM’s secret', () => {
    const { recording, secret } = record(2)
    const loot = { statics: statics(), ephemerals: [ephemeralOf('dialer')] }
    const without = attack(recording, loot, 2)
    expect(without.reached).toBe('the session')
    expect(without.secret).not.toBe(secret)
    expect(attack(recording, { ...loot, kemSecret: kemSecretOf() }, 2).secret).toBe(secret)
  })
})

/** The attacker: Noise's reader, run from outside with whatever private keys there are. */
function attack(
  { hello, response, proof, final }: Recording,
  loot: Loot,
  suite: Suite,
): { reached: string; secret?: string } {
  const seed = seedKeys()
  const noise = new NoiseTrace(concatBytes([utf8('STT/1'), hello.subarray(0, 25)]))
  noise.mixKeyAndHash(seed.psk0)
  const ei = hello.subarray(25, 57)
  noise.mixEphemeral(ei)
  if (noise.decrypt(hello.subarray(57, -16)) === undefined) return { reached: 'HELLO' }

  const er = response.subarray(24, 56)
  noise.mixEphemeral(er)
  const beforeEe = copyOf(noise)
  // Any private key at hand against any public one: whatever opens the next tag was ee.
  let sr: Uint8Array | undefined
  const publics = [ei, er, ...loot.statics.map(pair => pair.publicKey)]
  const opened = candidates(loot, publics).some(shared => {
    restore(noise, beforeEe)
    noise.mixKey(shared)
    sr = noise.decrypt(response.subarray(56, 104))
    return sr !== undefined
  })
  if (!opened) return { reached: 'ee' }
  if (!mixFirst(noise, candidates(loot, [ei, sr!]), response.subarray(104, -16))) return { reached: 'es' }
  const si = noise.decrypt(proof.subarray(24, 72))
  if (!mixFirst(noise, candidates(loot, [er, si!]), proof.subarray(72, -16), seed.psk3)) return { reached: 'se' }

  const body = final.subarray(24, -32)
  const plaintext = open(noise.split()[1], 0, new Uint8Array(0), body)
  expect(decode(plaintext!)).toMatchObject({ status: 0 })
  const { secrets } = runSchedule(provider, 'initiator', {
    chainingKey: noise.ck,
    handshakeHash: noise.h,
    finalCiphertext: body,
    suite,
    kemSecret: loot.kemSecret ?? new Uint8Array(0),
  })
  return { reached: 'the session', secret: toHex(secrets.send) }
}

/** Mixes the first shared secret under which the payload opens. */
function mixFirst(noise: NoiseTrace, shared: Uint8Array[], payload: Uint8Array, psk?: Uint8Array): boolean {
  const before = copyOf(noise)
  return shared.some(secret => {
    restore(noise, before)
    noise.mixKey(secret)
    if (psk) noise.mixKeyAndHash(psk)
    return noise.decrypt(payload) !== undefined
  })
}

function candidates({ statics, ephemerals }: Loot, publics: readonly Uint8Array[]): Uint8Array[] {
  return [...statics, ...ephemerals].flatMap(pair => publics.map(publicKey => pair.agree(publicKey)))
}

function record(suite: Suite): { recording: Recording; secret: string } {
  const { initiator, responder } = makePair({ suites: [suite] }, { suites: [suite] })
  const hello = initiator.createHello(NOW)
  const response = responder.processHello(hello, NOW)!
  const proof = initiator.processResponse(response, NOW)!
  const final = responder.verifyProof(proof, NOW)!
  const { secrets } = initiator.processFinal(final, NOW)!
  return { recording: { hello, response, proof, final }, secret: toHex(secrets.send) }
}

function statics(): KeyPair[] {
  return ['dialer', 'listener'].map(label => provider.keyPair(seededEntropy(`${label} static`)(32)))
}

/** Each side draws its nonce first, then its ephemeral key. */
function ephemeralOf(side: string): KeyPair {
  const entropy = seededEntropy(side)
  entropy(16)
  return provider.keyPair(entropy(32))
}

/** The listener's encapsulation: its third draw, under the key in AUTH_PROOF. */
function kemSecretOf(): Uint8Array {
  const dialer = seededEntropy('dialer')
  dialer(16)
  dialer(32)
  const listener = seededEntropy('listener')
  listener(16)
  listener(32)
  return provider.kem.encapsulate(provider.kem.generate(dialer).publicKey, listener).sharedSecret
}

function copyOf({ h, ck, k, n }: NoiseTrace): { h: Uint8Array; ck: Uint8Array; k: Uint8Array; n: number } {
  return { h, ck, k, n }
}

function restore(noise: NoiseTrace, state: ReturnType<typeof copyOf>): void {
  noise.h = state.h
  noise.ck = state.ck
  noise.k = state.k
  noise.n = state.n
}
