import { expect, test } from 'vitest'
import { deliverFinal, makePair, withMac } from '../test/support.ts'

const NOW = 1_000
const datagram = { datagram: true, suites: [2] as const }

function toProof() {
  const pair = makePair({ ...datagram, suites: [2] }, { ...datagram, suites: [2] })
  pair.initiator.processResponse(pair.responder.processHello(pair.initiator.createHello(NOW), NOW)!, NOW)
  const [first, second] = pair.initiator.proofMessages
  return { ...pair, first: first!, second: second! }
}

function toFinal() {
  const { initiator, responder, first, second } = toProof()
  responder.openProof(first, NOW)
  responder.openProof(second, NOW)
  responder.createFinal(0)
  const [one, two] = responder.finalMessages
  return { initiator, responder, first: one!, second: two! }
}

// spec: STT-HS-6
test.each(['in order', 'swapped', 'with repetitions'])('two fragments make one AUTH_PROOF: %s', order => {
  const { responder, first, second } = toProof()
  const arriving = {
    'in order': [first, second],
    swapped: [second, first],
    'with repetitions': [first, first, first, second],
  }[order]!
  for (const fragment of arriving.slice(0, -1)) {
    expect(responder.openProof(fragment, NOW)).toBeUndefined()
    expect(responder.lastDrop).toBeUndefined()
  }
  expect(responder.openProof(arriving.at(-1)!, NOW)).toBeDefined()
})

// spec: STT-HS-6
test('when the whole does not verify both fragments are forgotten, and the true ones are taken', () => {
  const { responder, first, second } = toProof()
  const bad = second.slice()
  bad[30]! ^= 1
  responder.openProof(first, NOW)
  expect(responder.openProof(withMac(bad), NOW)).toBeUndefined()
  expect(responder.lastDrop).toBe('badNoise')
  // Fragment 0 was forgotten with the bad one: alone, the true fragment 1 completes nothing.
  expect(responder.openProof(second, NOW)).toBeUndefined()
  expect(responder.lastDrop).toBeUndefined()
  expect(responder.openProof(first, NOW)).toBeDefined()
})

// spec: STT-HS-6
test('fragments of messages of different lengths never meet', () => {
  const { responder, first, second } = toProof()
  const other = new Uint8Array(second.length + 1)
  other.set(second)
  other[3] = (other[3]! + 1) & 0xff
  responder.openProof(withMac(other), NOW)
  expect(responder.openProof(first, NOW)).toBeUndefined()
  expect(responder.lastDrop).toBeUndefined()
  expect(responder.openProof(second, NOW)).toBeDefined()
})

// spec: STT-HS-27
test('FINAL is repeated for fragment 0 and not for fragment 1', () => {
  const { initiator, responder, first, second } = toProof()
  responder.openProof(first, NOW)
  responder.openProof(second, NOW)
  const final = responder.createFinal(0)
  const { finalMessages } = responder
  expect(responder.repeatFinal(second, NOW)).toBeUndefined()
  expect(responder.repeatFinal(first, NOW)).toEqual(final)
  const altered = first.slice()
  altered[30]! ^= 1
  expect(responder.repeatFinal(withMac(altered), NOW)).toBeUndefined()
  expect(responder.finalMessages).toEqual(finalMessages)
  expect(deliverFinal(initiator, responder, NOW)).toBeDefined()
})

// spec: STT-HS-6
test.each(['in order', 'swapped', 'with repetitions'])('two fragments make one FINAL: %s', order => {
  const { initiator, responder, first, second } = toFinal()
  const arriving = {
    'in order': [first, second],
    swapped: [second, first],
    'with repetitions': [first, first, first, second],
  }[order]!
  for (const fragment of arriving.slice(0, -1)) {
    expect(initiator.processFinal(fragment, NOW)).toBeUndefined()
    expect(initiator.lastDrop).toBeUndefined()
  }
  expect(initiator.processFinal(arriving.at(-1)!, NOW)?.binding).toEqual(responder.result?.binding)
})

// spec: STT-HS-6
test('when FINAL does not verify both of its fragments are forgotten, and the true ones are taken', () => {
  const { initiator, first, second } = toFinal()
  const bad = first.slice()
  bad[30]! ^= 1
  initiator.processFinal(withMac(bad), NOW)
  expect(initiator.processFinal(second, NOW)).toBeUndefined()
  expect(initiator.lastDrop).toBe('badNoise')
  expect(initiator.processFinal(first, NOW)).toBeUndefined()
  expect(initiator.lastDrop).toBeUndefined()
  expect(initiator.processFinal(second, NOW)).toBeDefined()
})

// spec: STT-HS-6
test('a FINAL in one piece that fits no datagram is not taken from a datagram link', () => {
  const { initiator, responder } = toFinal()
  expect(initiator.processFinal(responder.createFinal(0), NOW)).toBeUndefined()
  expect(initiator.lastDrop).toBe('malformed')
})

// spec: STT-HS-6
test('before a HELLO was accepted, and on a message link, a fragment is not kept', () => {
  const { first } = toProof()
  const fresh = makePair(datagram, datagram).responder
  expect(fresh.openProof(first, NOW)).toBeUndefined()
  expect(fresh.lastDrop).toBe('unexpected')
  const { initiator, responder } = makePair()
  responder.processHello(initiator.createHello(NOW), NOW)
  expect(responder.openProof(first, NOW)).toBeUndefined()
  expect(responder.lastDrop).toBe('malformed')
})
