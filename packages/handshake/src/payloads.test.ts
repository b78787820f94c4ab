import type { Encodable, Value } from '@stt/serialize'
import { encode, float64, uint8 } from '@stt/serialize'
import { describe, expect, test } from 'vitest'
import { hostileFinal, hostileProof, hostileResponse, rewriteHello } from '../test/hostile.ts'
import { makePair } from '../test/support.ts'
import type { Suite } from './index.ts'
import { bestCommonVersion } from './version.ts'

const NOW = 1_000

// Every case is an authentic message of a peer that holds the seed and its own keys.

type Payload = { [key: string]: Value }
type Change = (payload: Payload) => Encodable

/** Changes that spoil a payload which has these entries. */
const badLimits: Record<string, Change> = {
  'no limits': without('limits'),
  'limits that are a list': set('limits', []),
  'a limit missing': p => ({ ...p, limits: without('maxMessage')(p['limits'] as Payload) }),
  'an idle timeout below one second': p => ({ ...p, limits: { ...(p['limits'] as Payload), idleTimeout: 999 } }),
  'a limit below 0': p => ({ ...p, limits: { ...(p['limits'] as Payload), maxData: -1 } }),
  'a limit that is no integer': p => ({ ...p, limits: { ...(p['limits'] as Payload), maxData: 1.5 } }),
  'a limit above 2^53-1': p => ({ ...p, limits: { ...(p['limits'] as Payload), maxData: 2n ** 53n } }),
  'a limit in another integer type': p => ({ ...p, limits: { ...(p['limits'] as Payload), maxDatagram: uint8(9) } }),
}
const ofPaths =
  (change: Change): Change =>
  payload => ({ ...payload, paths: change(payload['paths'] as Payload) })
const badPaths: Record<string, Change> = {
  'no paths': without('paths'),
  'paths that are a list': set('paths', [1, 4, false, 0]),
  'paths that are null': set('paths', null),
  'paths without a version': ofPaths(without('v')),
  'paths of version 0': ofPaths(set('v', 0)),
  'paths of version 256': ofPaths(set('v', 256)),
  'a version of paths that is text': ofPaths(set('v', '1')),
  'a version of paths in another integer type': ofPaths(set('v', uint8(1))),
  'paths without their number': ofPaths(without('max')),
  'no path at all': ofPaths(set('max', 0)),
  'seventeen paths': ofPaths(set('max', 17)),
  'one path and a half': ofPaths(set('max', 1.5)),
  'a number of paths that is true': ofPaths(set('max', true)),
  'paths without punch': ofPaths(without('punch')),
  'punch as a number': ofPaths(set('punch', 1)),
  'punch that is null': ofPaths(set('punch', null)),
  'paths without a time': ofPaths(without('detached')),
  'a time below 0': ofPaths(set('detached', -1)),
  'a time that is no integer': ofPaths(set('detached', 0.5)),
  'a time above 2^53-1': ofPaths(set('detached', 2n ** 53n)),
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
const badVersions: Record<string, Change> = {
  'no versions': without('versions'),
  'an empty list of versions': set('versions', []),
  'versions out of order': set('versions', [2, 1]),
  'a version twice': set('versions', [1, 1]),
  'version 0 among the versions': set('versions', [0, 1]),
  'a version above 255': set('versions', [1, 256]),
  'seventeen versions': set(
    'versions',
    Array.from({ length: 17 }, (_, i) => i + 1),
  ),
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
  'an idle timeout of one second': (p: Payload) => ({
    ...p,
    limits: { ...(p['limits'] as Payload), idleTimeout: 1_000 },
  }),
  'nothing changed': p => p,
  'a key that no table knows': set('zz', { any: ['thing'] }),
}
const goodPaths: Record<string, Change> = {
  'the least that paths can be': set('paths', { v: 1, max: 1, punch: false, detached: 0 }),
  'the most that paths can be': set('paths', { v: 255, max: 16, punch: true, detached: 2 ** 53 - 1 }),
  'a key in paths that no table knows': ofPaths(set('zz', { v: 0 })),
}
const notADict: Record<string, Change> = {
  'a list': p => Object.values(p),
  null: () => null,
}

// spec: STT-HS-9, STT-HS-10
describe('HELLO', () => {
  const bad = {
    ...badNonce,
    ...badSuites,
    ...badVersions,
    ...notADict,
    'no pad': without('pad'),
    'a pad as text': set('pad', ''),
  }
  test.each(Object.entries(bad))('with %s is refused', (_, change) => {
    const { initiator, responder } = makePair()
    const hello = initiator.createHello(NOW)
    expect(responder.processHello(rewriteHello(hello, change), NOW)).toBeUndefined()
    expect(responder.lastDrop).toBe('badPayload')
    expect(responder.processHello(hello, NOW)).toBeDefined()
  })

  test.each(
    Object.entries({
      ...goodExtras,
      'a longer pad': set('pad', new Uint8Array(9)),
      'a version that this listener does not speak': set('versions', [1, 9]),
      'keys that belong into other messages': foreign(
        'scid',
        'suite',
        'limits',
        'paths',
        'status',
        'metadata',
        'ek',
        'kem',
      ),
    }),
  )('with %s is accepted', (_, change) => {
    const { initiator, responder } = makePair()
    expect(responder.processHello(rewriteHello(initiator.createHello(NOW), change), NOW)).toBeDefined()
  })
})

// spec: STT-HS-9, STT-HS-10, STT-HS-11, STT-HS-13, STT-HS-47
describe('RESPONSE', () => {
  const bad = {
    ...badNonce,
    ...badSuites,
    ...badLimits,
    ...badPaths,
    ...notADict,
    'no suite': without('suite'),
    'a suite below 0': set('suite', -1),
    'no scid': without('scid'),
    'another scid than its header': set('scid', new Uint8Array(8)),
  }
  test.each(Object.entries(bad))('with %s is refused', (_, change) => {
    const { initiator, hello, response } = toResponse()
    expect(initiator.processResponse(hostileResponse(hello, response, change), NOW)).toBeUndefined()
    expect(initiator.lastDrop).toBe('badPayload')
    expect(initiator.processResponse(response, NOW)).toBeDefined()
  })

  const good = {
    ...goodExtras,
    'keys that belong into other messages': foreign('pad', 'versions', 'status', 'metadata', 'ek', 'kem'),
    ...goodPaths,
    'a limit that no table knows': (p: Payload) => ({ ...p, limits: { ...(p['limits'] as Payload), zz: null } }),
  }
  test.each(Object.entries(good))('with %s is accepted', (_, change) => {
    const { initiator, hello, response } = toResponse()
    expect(initiator.processResponse(hostileResponse(hello, response, change), NOW)).toBeDefined()
  })
})

// spec: STT-HS-9, STT-HS-11, STT-HS-12, STT-HS-47
describe('AUTH_PROOF', () => {
  test.each(Object.entries({ ...badLimits, ...badPaths, ...badMetadata, ...notADict }))(
    'with %s is refused',
    (_, change) => {
      const { responder, hello, response, proof } = toProof()
      expect(responder.openProof(hostileProof(hello, response, proof, change), NOW)).toBeUndefined()
      expect(responder.lastDrop).toBe('badPayload')
      expect(responder.openProof(proof, NOW)).toBeDefined()
    },
  )

  const good = {
    ...goodExtras,
    ...goodPaths,
    'keys that belong into other messages': foreign('nonce', 'pad', 'versions', 'suites', 'suite', 'status', 'kem'),
  }
  test.each(Object.entries(good))('with %s is accepted', (_, change) => {
    const { responder, hello, response, proof } = toProof()
    expect(responder.openProof(hostileProof(hello, response, proof, change), NOW)).toBeDefined()
  })
})

// spec: STT-HS-45
test('a HELLO of a version that is not the highest common one is refused: an attacker made the dialer step down', () => {
  const { initiator, responder } = makePair()
  const hello = initiator.createHello(NOW)
  expect(responder.processHello(rewriteHello(hello, set('versions', [2, 3])), NOW)).toBeUndefined()
  expect(responder.lastDrop).toBe('version')
  expect(responder.processHello(hello, NOW)).toBeDefined()
  expect(bestCommonVersion([1, 2], [1, 2, 3])).toBe(2)
  expect(bestCommonVersion([1, 2], [1, 3])).toBe(1)
  expect(bestCommonVersion([1], [2])).toBe(0)
})

// spec: STT-HS-9, STT-HS-12, STT-HS-16, STT-HS-23
describe('FINAL', () => {
  const kem = new Uint8Array(1_088)
  const accepted = { status: 0, ...{ metadata: 'nas', resetToken: new Uint8Array(16) } }
  const bad: [string, Suite, Encodable][] = [
    ['no status', 1, {}],
    ['an unknown status', 1, { status: 3 }],
    ['a status in another integer type', 1, { status: uint8(0) }],
    ['a list', 1, [0]],
    ['null', 1, null],
    ['a ciphertext in suite 1', 1, { ...accepted, kem }],
    ['no ciphertext in suite 2', 2, accepted],
    ['a short ciphertext in suite 2', 2, { ...accepted, kem: kem.subarray(1) }],
    ['a ciphertext with a refusal', 2, { status: 1, kem }],
    ['metadata with a refusal', 1, { status: 1, metadata: 'nas' }],
    ['a reset token with a refusal', 1, { status: 2, resetToken: new Uint8Array(16) }],
    ['metadata of 513 bytes', 1, { ...accepted, metadata: 'x'.repeat(508) }],
    ['metadata in another integer type', 1, { ...accepted, metadata: uint8(1) }],
    ['a short reset token', 1, { ...accepted, resetToken: new Uint8Array(15) }],
    ['a reset token of another type', 1, { ...accepted, resetToken: null }],
  ]
  test.each(bad)('with %s is refused, and the true one is still taken', (_, suite, payload) => {
    const { initiator, run } = toFinal(suite)
    expect(initiator.processFinal(hostileFinal(run, encode(payload)), NOW)).toBeUndefined()
    expect(initiator.lastDrop).toBe('badPayload')
    expect(initiator.processFinal(run.final, NOW)).toBeDefined()
  })

  const good: [string, Encodable][] = [
    ['nothing but its status', { status: 0 }],
    ['a key that no table knows', { ...accepted, zz: { any: ['thing'] } }],
    ['metadata of 512 bytes', { ...accepted, metadata: 'x'.repeat(507) }],
    ['metadata that is null', { ...accepted, metadata: null }],
    ['metadata that is false', { ...accepted, metadata: false }],
    ['keys that belong into other messages', foreign('nonce', 'limits', 'paths', 'suite', 'ek')(accepted)],
  ]
  test.each(good)('with %s is accepted', (_, payload) => {
    const { initiator, run } = toFinal(1)
    expect(initiator.processFinal(hostileFinal(run, encode(payload)), NOW)).toBeDefined()
  })

  test('with a ciphertext that was made for another key does not confirm, and the true one is still taken', () => {
    const { initiator, run } = toFinal(2)
    expect(initiator.processFinal(hostileFinal(run, encode({ ...accepted, kem })), NOW)).toBeUndefined()
    expect(initiator.lastDrop).toBe('badConfirm')
    expect(initiator.processFinal(run.final, NOW)).toBeDefined()
  })
})

// spec: STT-HS-7
describe('a connection id of zero', () => {
  test('in HELLO is refused', () => {
    const { initiator, responder } = makePair({ localCid: new Uint8Array(8) })
    expect(responder.processHello(initiator.createHello(NOW), NOW)).toBeUndefined()
    expect(responder.lastDrop).toBe('wrongConnection')
  })

  test('in RESPONSE is refused', () => {
    const { initiator, responder } = makePair({}, { localCid: new Uint8Array(8) })
    const response = responder.processHello(initiator.createHello(NOW), NOW)!
    expect(initiator.processResponse(response, NOW)).toBeUndefined()
    expect(initiator.lastDrop).toBe('wrongConnection')
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

/** Values that would be refused in the messages that have these keys. */
function foreign(...keys: string[]): (payload: Payload) => Payload {
  return payload => ({ ...payload, ...Object.fromEntries(keys.map(key => [key, { wrong: -1 }])) })
}

function without(key: string): (payload: Payload) => Payload {
  return ({ [key]: _, ...rest }) => rest
}
