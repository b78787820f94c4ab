import { describe, expect, test } from 'vitest'
import type { Responder } from '../src/answer-hellos.ts'
import type { Initiator, Suite } from '../src/index.ts'
import { makePair, withMac } from './support.ts'

// Hostile peers hold the seed: an altered message carries a mac1 that is right, and only the altered copy is delivered.

const NOW = 1_000

interface Pair {
  readonly initiator: Initiator
  readonly responder: Responder
}

interface Step {
  readonly name: string
  readonly suites: readonly Suite[]
  readonly datagram: boolean
  /** How many copies that fail with a right mac1 a run takes; any number unless given. */
  readonly failures?: number
  /** Brings a fresh pair to where this message is next, and gives it. */
  readonly message: (pair: Pair) => Uint8Array
  /** The receiver's answer to a copy. */
  readonly deliver: (pair: Pair, copy: Uint8Array) => unknown
}

const steps: Step[] = []
for (const suites of [[1], [2]] as const) {
  for (const datagram of [false, true]) {
    const common = { suites, datagram }
    steps.push(
      { ...common, name: 'HELLO', message: hello, deliver: ({ responder }, copy) => responder.processHello(copy, NOW) },
      {
        ...common,
        name: 'RESPONSE',
        message: response,
        deliver: ({ initiator }, copy) => initiator.processResponse(copy, NOW),
      },
    )
    const fragments = datagram && suites[0] === 2 ? [0, 1] : [0]
    for (const fragment of fragments) {
      const suffix = fragments.length === 1 ? '' : ` fragment ${fragment}`
      steps.push(
        {
          ...common,
          name: `AUTH_PROOF${suffix}`,
          failures: 7,
          message: pair => proof(pair)[fragment]!,
          deliver: deliverProofPart(fragment),
        },
        {
          ...common,
          name: `FINAL${suffix}`,
          message: pair => final(pair)[fragment]!,
          deliver: deliverFinalPart(fragment),
        },
      )
    }
  }
}

// spec: STT-HS-6, STT-HS-8, STT-HS-17, STT-HS-24
describe.each(steps)('$name (suite $suites, datagram $datagram)', step => {
  const { name, suites, datagram, message, deliver, failures } = step
  const options = { suites, datagram }

  test('with any byte changed is answered with silence, and the true one is still taken', () => {
    let pair = makePair(options, options)
    const original = message(pair)
    const before = pair.responder.result
    let cases = 0
    for (let i = 0; i < original.length; i++) {
      if (failures && i % failures === 0) {
        expect(deliver(pair, original)).toBeDefined()
        pair = makePair(options, options)
        expect(message(pair)).toEqual(original)
      }
      const copy = original.slice()
      copy[i]! ^= 0x01
      const isInMac = i >= original.length - 16
      expect(deliver(pair, isInMac ? copy : withMac(copy)), `byte ${i} of ${name}`).toBeUndefined()
      cases++
    }
    expect(cases).toBe(original.length)
    if (!failures) expect(pair.responder.result).toBe(before)
    expect(deliver(pair, original)).toBeDefined()
  })

  test('cut short or made longer is answered with silence', () => {
    const pair = makePair(options, options)
    const original = message(pair)
    for (let length = 0; length < original.length; length += length < 60 ? 1 : 13) {
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

function proof(pair: Pair): readonly Uint8Array[] {
  pair.initiator.processResponse(response(pair), NOW)
  return pair.initiator.proofMessages
}

function final(pair: Pair): readonly Uint8Array[] {
  for (const datagram of proof(pair)) pair.responder.verifyProof(datagram, NOW)
  return pair.responder.finalMessages
}

/** The copy first, then the true other fragment where there is one. */
function deliverFinalPart(fragment: number): Step['deliver'] {
  return ({ initiator, responder }, copy) => {
    const result = initiator.processFinal(copy, NOW)
    const other = responder.finalMessages[1 - fragment]
    return other ? (initiator.processFinal(other, NOW) ?? result) : result
  }
}

function deliverProofPart(fragment: number): Step['deliver'] {
  return ({ initiator, responder }, copy) => {
    const answer = responder.verifyProof(copy, NOW)
    const other = initiator.proofMessages[1 - fragment]
    return other ? (responder.verifyProof(other, NOW) ?? answer) : answer
  }
}
