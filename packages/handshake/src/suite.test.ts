import { expect, test } from 'vitest'
import { hostileProof, hostileResponse, rewriteHello } from '../test/hostile.ts'
import { deliverProof, makePair, withMac } from '../test/support.ts'
import type { Suite } from './index.ts'
import { bestCommonSuite } from './suite.ts'

const NOW = 1_000

// spec: STT-HS-14
test.each([
  [[1, 2], [1, 2], 2],
  [[1], [1, 2], 1],
  [[1, 2], [2], 2],
  [[1], [2], 0],
  // A later version's suite is ignored by one that does not know it.
  [[1, 2], [1, 3, 999], 1],
] as const)('of %j and %j the best common suite is %i', (own, peer, best) => {
  expect(bestCommonSuite(own, peer)).toBe(best)
})

test.each([
  { dial: [1, 2], listen: [1, 2], suite: 2 },
  { dial: [1], listen: [1, 2], suite: 1 },
  { dial: [1, 2], listen: [1], suite: 1 },
] as const)('$dial meets $listen in suite $suite', ({ dial, listen, suite }) => {
  const { initiator, responder } = makePair({ suites: dial }, { suites: listen })
  const proof = initiator.processResponse(responder.processHello(initiator.createHello(NOW), NOW)!, NOW)!
  const final = responder.verifyProof(proof, NOW)!
  expect(initiator.processFinal(final, NOW)?.suite).toBe(suite)
  expect(responder.result?.suite).toBe(suite)
})

// spec: STT-HS-14
test.each([
  [{ requireHybrid: true }, { suites: [1] as Suite[] }],
  [{ suites: [1] as Suite[] }, { requireHybrid: true }],
])('where one side requires the hybrid suite and the other has none, the run ends at RESPONSE', (dial, listen) => {
  const { initiator, responder } = makePair(dial, listen)
  const response = responder.processHello(initiator.createHello(NOW), NOW)!
  expect(() => initiator.processResponse(response, NOW)).toThrow(expect.objectContaining({ code: 'STT_PEER_REFUSED' }))
  expect(initiator.proofMessages).toEqual([])
  expect(initiator.processResponse(response, NOW)).toBeUndefined()
  // And the listener expects nothing more.
  const other = makePair({ suites: [1] })
  const proof = other.initiator.processResponse(
    other.responder.processHello(other.initiator.createHello(NOW), NOW)!,
    NOW,
  )!
  expect(responder.openProof(proof, NOW)).toBeUndefined()
  expect(responder.lastDrop).toBe('unexpected')
})

test('suites that contradict each other are refused when they are given', () => {
  const refused = expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' })
  expect(() => makePair({ suites: [1], requireHybrid: true })).toThrow(refused)
  expect(() => makePair({ suites: [] })).toThrow(refused)
})

// spec: STT-HS-14
test('a seed holder in the middle that strips the better suite from HELLO gets no session', () => {
  const { initiator, responder } = makePair()
  const stripped = rewriteHello(initiator.createHello(NOW), payload => ({ ...payload, suites: [1] }))
  // The listener cannot know: the forgery is perfect, and suite 1 is the best of what it was offered.
  const response = responder.processHello(stripped, NOW)!
  expect(response).toBeDefined()
  // The dialer can: its transcript holds the HELLO that it sent.
  expect(initiator.processResponse(response, NOW)).toBeUndefined()
  expect(initiator.lastDrop).toBe('badNoise')
})

// spec: STT-HS-14
test('a listener that chooses a lesser suite than it says to have is not followed', () => {
  const { initiator, responder } = makePair()
  const hello = initiator.createHello(NOW)
  const response = responder.processHello(hello, NOW)!
  for (const lie of [{ suite: 1 }, { suite: 0 }, { suite: 3 }, { suites: [1] }, { suite: 3, suites: [1, 2, 3] }]) {
    const lying = hostileResponse(hello, response, payload => ({ ...payload, ...lie }))
    expect(initiator.processResponse(lying, NOW), JSON.stringify(lie)).toBeUndefined()
    expect(initiator.lastDrop).toBe('badSuite')
  }
  expect(initiator.processResponse(response, NOW)).toBeDefined()
})

// spec: STT-HS-15
test.each([
  ['absent', undefined],
  ['too short', new Uint8Array(1_183)],
  // FIPS 203 §7.2: every coefficient is below 3,329.
  ['not a key', new Uint8Array(1_184).fill(0xff)],
])('an encapsulation key that is %s is refused', (_, ek) => {
  const { initiator, responder } = makePair()
  const hello = initiator.createHello(NOW)
  const response = responder.processHello(hello, NOW)!
  const proof = initiator.processResponse(response, NOW)!
  const bad = hostileProof(hello, response, proof, ({ ek: _ek, ...rest }) => (ek ? { ...rest, ek } : rest))
  expect(responder.openProof(bad, NOW)).toBeUndefined()
  expect(responder.lastDrop).toBe('badPayload')
  expect(responder.openProof(proof, NOW)).toBeDefined()
})

// spec: STT-HS-15
test('an encapsulation key where suite 1 was chosen is refused', () => {
  const { initiator, responder } = makePair({ suites: [1] })
  const hello = initiator.createHello(NOW)
  const response = responder.processHello(hello, NOW)!
  const proof = initiator.processResponse(response, NOW)!
  const bad = hostileProof(hello, response, proof, payload => ({ ...payload, ek: new Uint8Array(1_184) }))
  expect(responder.openProof(bad, NOW)).toBeUndefined()
  expect(responder.lastDrop).toBe('badPayload')
})

// spec: STT-HS-17
test('a FINAL that decrypts but does not confirm changes nothing', () => {
  const { initiator, responder } = makePair()
  initiator.processResponse(responder.processHello(initiator.createHello(NOW), NOW)!, NOW)
  const final = deliverProof(initiator, responder, NOW)!
  for (let i = final.length - 32; i < final.length - 16; i++) {
    const altered = final.slice()
    altered[i]! ^= 0x80
    expect(initiator.processFinal(withMac(altered), NOW)).toBeUndefined()
    expect(initiator.lastDrop).toBe('badConfirm')
  }
  expect(initiator.processFinal(final, NOW)).toBeDefined()
})
