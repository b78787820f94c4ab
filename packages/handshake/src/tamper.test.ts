import { describe, expect, test } from 'vitest'
import { makePair, withMac } from '../test/support.ts'
import type { Initiator, Responder } from './index.ts'

// Hostile peers hold the seed: an altered message carries a mac1 that is right, and only the altered copy is delivered.

const NOW = 1_000

interface Pair {
  readonly initiator: Initiator
  readonly responder: Responder
}

/** Each message: how the run comes to it, and what its receiver makes of a copy of it. */
const steps: Record<
  string,
  { message: (pair: Pair) => Uint8Array; deliver: (pair: Pair, copy: Uint8Array) => unknown }
> = {
  HELLO: { message: hello, deliver: ({ responder }, copy) => responder.processHello(copy, NOW) },
  RESPONSE: { message: response, deliver: ({ initiator }, copy) => initiator.processResponse(copy, NOW) },
  AUTH_PROOF: { message: proof, deliver: ({ responder }, copy) => responder.verifyProof(copy, NOW) },
  FINAL: { message: final, deliver: ({ initiator }, copy) => initiator.processFinal(copy, NOW) },
}

// spec: STT-HS-8, STT-HS-17, STT-HS-24
describe.each(Object.entries(steps))('%s', (name, { message, deliver }) => {
  test('with any byte changed is answered with silence, and the true one is still taken', () => {
    const pair = makePair()
    const original = message(pair)
    let cases = 0
    for (let i = 0; i < original.length; i++) {
      const copy = original.slice()
      copy[i]! ^= 0x01
      const isInMac = i >= original.length - 16
      expect(deliver(pair, isInMac ? copy : withMac(copy)), `byte ${i} of ${name}`).toBeUndefined()
      cases++
    }
    expect(cases).toBe(original.length)
    expect(pair.responder.result === undefined || name === 'FINAL').toBe(true)
    expect(deliver(pair, original)).toBeDefined()
  })

  test('cut short or made longer is answered with silence', () => {
    const pair = makePair()
    const original = message(pair)
    for (let length = 0; length < original.length; length++) {
      const cut = original.slice(0, length)
      expect(deliver(pair, length >= 40 ? withMac(cut) : cut), `${length} bytes of ${name}`).toBeUndefined()
    }
    for (const extra of [1, 16, 100]) {
      const longer = new Uint8Array(original.length + extra)
      longer.set(original)
      expect(deliver(pair, withMac(longer)), `${extra} bytes behind ${name}`).toBeUndefined()
    }
    expect(deliver(pair, original)).toBeDefined()
  })
})

function hello({ initiator }: Pair): Uint8Array {
  return initiator.createHello(NOW)
}

function response(pair: Pair): Uint8Array {
  return pair.responder.processHello(hello(pair), NOW)!
}

function proof(pair: Pair): Uint8Array {
  return pair.initiator.processResponse(response(pair), NOW)!
}

function final(pair: Pair): Uint8Array {
  return pair.responder.verifyProof(proof(pair), NOW)!
}
