import type { Encodable, Value } from '@stt/serialize'
import { float64, uint8 } from '@stt/serialize'
import { describe, expect, test } from 'vitest'
import { hostileFinal, hostileProof, hostileResponse, rewriteHello } from '../test/hostile.ts'
import { makePair } from '../test/support.ts'
import type { Suite } from './index.ts'

const NOW = 1_000

// Every case is an authentic message of a peer that holds the seed and its own keys.

type Payload = { [key: string]: Value }
type Change = (payload: Payload) => Encodable

/** Changes that spoil a payload which has these entries. */
const badLimits: Record<string, Change> = {
  'no limits': without('limits'),
  'limits that are a list': set('limits', []),
  'a limit missing': p => ({ ...p, limits: without('maxMessage')(p['limits'] as Payload) }),
  'a limit below 0': p => ({ ...p, limits: { ...(p['limits'] as Payload), maxData: -1 } }),
  'a limit that is no integer': p => ({ ...p, limits: { ...(p['limits'] as Payload), maxData: 1.5 } }),
  'a limit above 2^53-1': p => ({ ...p, limits: { ...(p['limits'] as Payload), maxData: 2n ** 53n } }),
  'a limit in another integer type': p => ({ ...p, limits: { ...(p['limits'] as Payload), maxDatagram: uint8(9) } }),
}
const badSuites: Record<string, Change> = {
  'no suites': without('suites'),
  'an empty list of suites': set('suites', []),
  'suites out of order': set('suites', [2, 1]),
  'a suite twice': set('suites', [1, 2, 2]),
  'suite 0 among the suites': set('suites', [0, 1]),
  'a suite above 65,535': set('suites', [1, 65_536]),
  'a suite as float': set('suites', [float64(1)]),
  'seventeen suites': set(
    'suites',
    Array.from({ length: 17 }, (_, i) => i + 1),
  ),
  'a suite by name': set('suites', ['1']),
}
const badNonce: Record<string, Change> = {
  'no nonce': without('nonce'),
  'a short nonce': set('nonce', new Uint8Array(15)),
  'a long nonce': set('nonce', new Uint8Array(17)),
  'a nonce as text': set('nonce', 'x'.repeat(16)),
}
const badMetadata: Record<string, Change> = {
  'metadata of 513 bytes': set('metadata', 'x'.repeat(508)),
  'metadata in another integer type': set('metadata', uint8(1)),
}
const goodExtras: Record<string, Change> = {
  'nothing changed': p => p,
  'a key that no table knows': set('zz', { any: ['thing'] }),
}
const notADict: Record<string, Change> = {
  'a list': p => Object.values(p),
  null: () => null,
}

// spec: STT-HS-9, STT-HS-10
describe('HELLO', () => {
  const bad = { ...badNonce, ...badSuites, ...notADict, 'no pad': without('pad'), 'a pad as text': set('pad', '') }
  test.each(Object.entries(bad))('with %s is refused', (_, change) => {
    const { initiator, responder } = makePair()
    const hello = initiator.createHello(NOW)
    expect(responder.processHello(rewriteHello(hello, change), NOW)).toBeUndefined()
    expect(responder.lastDrop).toBe('badPayload')
    expect(responder.processHello(hello, NOW)).toBeDefined()
  })

  test.each(Object.entries({ ...goodExtras, 'a longer pad': set('pad', new Uint8Array(9)) }))(
    'with %s is accepted',
    (_, change) => {
      const { initiator, responder } = makePair()
      expect(responder.processHello(rewriteHello(initiator.createHello(NOW), change), NOW)).toBeDefined()
    },
  )
})

// spec: STT-HS-9, STT-HS-10, STT-HS-11, STT-HS-12, STT-HS-13
describe('RESPONSE', () => {
  const bad = {
    ...badNonce,
    ...badSuites,
    ...badLimits,
    ...badMetadata,
    ...notADict,
    'no suite': without('suite'),
    'a suite below 0': set('suite', -1),
    'no scid': without('scid'),
    'another scid than its header': set('scid', new Uint8Array(8)),
    'a short reset token': set('resetToken', new Uint8Array(15)),
    'a reset token of another type': set('resetToken', null),
  }
  test.each(Object.entries(bad))('with %s is refused', (_, change) => {
    const { initiator, hello, response } = toResponse()
    expect(initiator.processResponse(hostileResponse(hello, response, change), NOW)).toBeUndefined()
    expect(initiator.lastDrop).toBe('badPayload')
    expect(initiator.processResponse(response, NOW)).toBeDefined()
  })

  const good = {
    ...goodExtras,
    'no reset token': without('resetToken'),
    'metadata of 512 bytes': set('metadata', 'x'.repeat(507)),
    'metadata that is null': set('metadata', null),
    'metadata that is false': set('metadata', false),
  }
  test.each(Object.entries(good))('with %s is accepted', (_, change) => {
    const { initiator, hello, response } = toResponse()
    expect(initiator.processResponse(hostileResponse(hello, response, change), NOW)).toBeDefined()
  })
})

// spec: STT-HS-9, STT-HS-11, STT-HS-12
describe('AUTH_PROOF', () => {
  test.each(Object.entries({ ...badLimits, ...badMetadata, ...notADict }))('with %s is refused', (_, change) => {
    const { responder, hello, response, proof } = toProof()
    expect(responder.openProof(hostileProof(hello, response, proof, change), NOW)).toBeUndefined()
    expect(responder.lastDrop).toBe('badPayload')
    expect(responder.openProof(proof, NOW)).toBeDefined()
  })

  test.each(Object.entries(goodExtras))('with %s is accepted', (_, change) => {
    const { responder, hello, response, proof } = toProof()
    expect(responder.openProof(hostileProof(hello, response, proof, change), NOW)).toBeDefined()
  })
})

// spec: STT-HS-16
describe('FINAL', () => {
  const bad: [string, Suite, Uint8Array][] = [
    ['an unknown status', 1, Uint8Array.of(3)],
    ['no status', 1, new Uint8Array(0)],
    ['a ciphertext in suite 1', 1, new Uint8Array(1_089)],
    ['no ciphertext in suite 2', 2, Uint8Array.of(0)],
    ['a short ciphertext in suite 2', 2, new Uint8Array(1_088)],
    ['a ciphertext with a refusal', 2, Uint8Array.of(1, ...new Uint8Array(1_088))],
  ]
  test.each(bad)('with %s is refused', (_, suite, payload) => {
    const { initiator, run } = toFinal(suite)
    expect(initiator.processFinal(hostileFinal(run, payload), NOW)).toBeUndefined()
    expect(['badPayload', 'malformed']).toContain(initiator.lastDrop)
  })

  test('as the hostile listener would write it honestly is accepted', () => {
    const { initiator, run } = toFinal(1)
    expect(hostileFinal(run, Uint8Array.of(0))).toEqual(run.final)
    expect(initiator.processFinal(run.final, NOW)).toBeDefined()
  })

  test('with a ciphertext that was made for another key does not confirm', () => {
    const { initiator, run } = toFinal(2)
    expect(initiator.processFinal(hostileFinal(run, new Uint8Array(1_089)), NOW)).toBeUndefined()
    expect(initiator.lastDrop).toBe('badConfirm')
  })
})

function toResponse() {
  const { initiator, responder } = makePair()
  const hello = initiator.createHello(NOW)
  return { initiator, responder, hello, response: responder.processHello(hello, NOW)! }
}

function toProof() {
  const steps = toResponse()
  return { ...steps, proof: steps.initiator.processResponse(steps.response, NOW)! }
}

function toFinal(suite: Suite) {
  const { initiator, responder } = makePair({ suites: [suite] }, { suites: [suite] })
  const hello = initiator.createHello(NOW)
  const response = responder.processHello(hello, NOW)!
  const proof = initiator.processResponse(response, NOW)!
  return { initiator, run: { hello, response, proof, final: responder.verifyProof(proof, NOW)!, suite } }
}

function set(key: string, value: Encodable): Change {
  return payload => ({ ...payload, [key]: value })
}

function without(key: string): (payload: Payload) => Payload {
  return ({ [key]: _, ...rest }) => rest
}
