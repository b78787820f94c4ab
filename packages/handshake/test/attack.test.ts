import { expect, test } from 'vitest'
import type { DropReason } from '../src/index.ts'
import { identityOf, makePair, seededEntropy, seedKeys, withMac } from './support.ts'

const NOW = 1_000

// spec: STT-HS-20
test('a RESPONSE made with the dialer’s own static key is refused', () => {
  const { initiator, responder } = makePair({}, { identity: identityOf('dialer') })
  const response = responder.processHello(initiator.createHello(NOW), NOW)!
  expect(initiator.processResponse(response, NOW)).toBeUndefined()
  expect(initiator.lastDrop).toBe('ownKey')
})

// spec: STT-HS-20
test('an AUTH_PROOF made with the listener’s own static key is refused', () => {
  // The dialer would notice first; this one does not look.
  const careless = Object.assign(identityOf('listener'), {})
  Object.defineProperty(careless, 'publicKey', { value: new Uint8Array(32) })
  const { initiator, responder } = makePair({ identity: careless })
  const proof = initiator.processResponse(responder.processHello(initiator.createHello(NOW), NOW)!, NOW)!
  expect(proof).toBeDefined()
  expect(responder.verifyProof(proof, NOW)).toBeUndefined()
  expect(responder.lastDrop).toBe('ownKey')
})

// spec: STT-HS-21
test('a RESPONSE with the dialer’s own ephemeral key is refused before anything is computed with it', () => {
  const { initiator, responder } = makePair()
  const hello = initiator.createHello(NOW)
  const response = responder.processHello(hello, NOW)!
  response.set(hello.subarray(25, 57), 24)
  expect(initiator.processResponse(withMac(response), NOW)).toBeUndefined()
  expect(initiator.lastDrop).toBe('ownKey')
})

// spec: STT-HS-21
test('a listener whose random source repeats the dialer’s ephemeral key does not answer', () => {
  const { initiator, responder } = makePair({ entropy: seededEntropy('same') }, { entropy: seededEntropy('same') })
  expect(responder.processHello(initiator.createHello(NOW), NOW)).toBeUndefined()
  expect(responder.lastDrop).toBe('ownKey')
})

test('every message reflected to its sender is ignored', () => {
  const { initiator, responder } = makePair()
  const hello = initiator.createHello(NOW)
  expect(initiator.processResponse(hello, NOW)).toBeUndefined()
  const response = responder.processHello(hello, NOW)!
  expect(responder.openProof(response, NOW)).toBeUndefined()
  expect(responder.processHello(response, NOW)).toBeUndefined()
  const proof = initiator.processResponse(response, NOW)!
  expect(initiator.processFinal(proof, NOW)).toBeUndefined()
  const final = responder.verifyProof(proof, NOW)!
  expect(responder.verifyProof(final, NOW)).toBeUndefined()
  expect(initiator.processFinal(final, NOW)).toBeDefined()
})

test('every message reflected in the shape that its sender waits for is ignored', () => {
  // Type, length and ids are made to fit and mac1 is right: what remains is Noise and the own keys.
  const { initiator, responder } = makePair({ suites: [1] })
  const hello = initiator.createHello(NOW)
  const noise = hello.slice(25, hello.length - 16)
  const asResponse = shaped(1, responder.localCid, initiator.localCid, noise)
  expect(initiator.processResponse(asResponse, NOW)).toBeUndefined()
  expect(initiator.lastDrop).toBe('ownKey')

  const response = responder.processHello(hello, NOW)!
  const asProof = shaped(2, initiator.localCid, responder.localCid, response.slice(24, -16))
  expect(responder.verifyProof(asProof, NOW)).toBeUndefined()
  expect(responder.lastDrop).toBe('badNoise')

  const proof = initiator.processResponse(response, NOW)!
  const asFinal = shaped(3, responder.localCid, initiator.localCid, proof.slice(24, -16), 16)
  expect(initiator.processFinal(asFinal, NOW)).toBeUndefined()
  expect(initiator.lastDrop).toBe('badNoise')

  const final = responder.verifyProof(proof, NOW)!
  expect(initiator.processFinal(final, NOW)).toBeDefined()
})

test('a listener of the same node that gets its own HELLO back never becomes its own peer', () => {
  const { initiator, responder } = makePair({}, { identity: identityOf('dialer'), entropy: seededEntropy('other') })
  const response = responder.processHello(initiator.createHello(NOW), NOW)!
  expect(initiator.processResponse(response, NOW)).toBeUndefined()
  expect(initiator.lastDrop).toBe('ownKey')
})

test('messages of two runs between the same nodes do not mix, even under the same connection ids', () => {
  const one = makePair()
  const two = makePair({ entropy: seededEntropy('dialer 2') }, { entropy: seededEntropy('listener 2') })
  const hellos = [one, two].map(({ initiator }) => initiator.createHello(NOW))
  const responses = [one, two].map(({ responder }, i) => responder.processHello(hellos[i]!, NOW)!)
  expect(drop(one.initiator, 'processResponse', responses[1]!)).toBe('badNoise')
  const proofs = [one, two].map(({ initiator }, i) => initiator.processResponse(responses[i]!, NOW)!)
  expect(drop(one.responder, 'verifyProof', proofs[1]!)).toBe('badNoise')
  const finals = [one, two].map(({ responder }, i) => responder.verifyProof(proofs[i]!, NOW)!)
  expect(drop(one.initiator, 'processFinal', finals[1]!)).toBe('badNoise')
  for (const [i, { initiator }] of [one, two].entries()) expect(initiator.processFinal(finals[i]!, NOW)).toBeDefined()
})

// spec: STT-HS-23
test('bad messages of every kind between all steps leave the run able to finish', () => {
  const { initiator, responder } = makePair()
  const stranger = makePair({ entropy: seededEntropy('x') }, { entropy: seededEntropy('y') })
  const strangerHello = stranger.initiator.createHello(NOW)
  const strangerResponse = stranger.responder.processHello(strangerHello, NOW)!
  const strangerProof = stranger.initiator.processResponse(strangerResponse, NOW)!
  const strangerFinal = stranger.responder.verifyProof(strangerProof, NOW)!
  const strangers = [strangerHello, strangerResponse, strangerProof, strangerFinal]

  const disturb = (...own: Uint8Array[]): void => {
    for (const message of [...own, ...strangers]) {
      const altered = message.slice()
      altered[message.length - 17]! ^= 1
      for (const bad of [new Uint8Array(0), message.slice(0, 24), withMac(altered)]) {
        expect(initiator.processResponse(bad, NOW)).toBeUndefined()
        expect(initiator.processFinal(bad, NOW)).toBeUndefined()
        expect(responder.openProof(bad, NOW)).toBeUndefined()
        expect(responder.processHello(bad, NOW)).toBeUndefined()
      }
    }
  }
  const hello = initiator.createHello(NOW)
  disturb(hello)
  const response = responder.processHello(hello, NOW)!
  disturb(hello, response)
  const proof = initiator.processResponse(response, NOW)!
  disturb(hello, response, proof)
  const final = responder.verifyProof(proof, NOW)!
  disturb(hello, response, proof, final)
  expect(initiator.processFinal(final, NOW)?.binding).toEqual(responder.result?.binding)
})

test('after a finished run its messages mean nothing to either side', () => {
  const { initiator, responder } = makePair()
  const hello = initiator.createHello(NOW)
  const response = responder.processHello(hello, NOW)!
  const proof = initiator.processResponse(response, NOW)!
  const final = responder.verifyProof(proof, NOW)!
  const { binding } = initiator.processFinal(final, NOW)!
  for (const message of [hello, response, proof, final]) {
    expect(initiator.processResponse(message, NOW)).toBeUndefined()
    expect(initiator.processFinal(message, NOW)).toBeUndefined()
    expect(responder.openProof(message, NOW)).toBeUndefined()
  }
  expect(() => initiator.createHello(NOW)).toThrow(expect.objectContaining({ code: 'STT_INVALID_STATE' }))
  expect(responder.result?.binding).toEqual(binding)
})

test('a run that was ended from outside ignores what still comes', () => {
  const { initiator, responder } = makePair()
  const response = responder.processHello(initiator.createHello(NOW), NOW)!
  const proof = initiator.processResponse(response, NOW)!
  responder.dispose()
  expect(drop(responder, 'openProof', proof)).toBe('unexpected')
  expect(() => responder.createFinal(0)).toThrow(expect.objectContaining({ code: 'STT_INVALID_STATE' }))
  initiator.dispose()
  expect(drop(initiator, 'processResponse', response)).toBe('unexpected')
})

test('a replayed run reaches no session: the listener’s key is new each time', () => {
  const { initiator, responder } = makePair()
  const hello = initiator.createHello(NOW)
  const proof = initiator.processResponse(responder.processHello(hello, NOW)!, NOW)!
  expect(responder.verifyProof(proof, NOW)).toBeDefined()
  const { responder: later } = makePair({}, { entropy: seededEntropy('later') })
  expect(later.processHello(hello, NOW)).toBeDefined()
  expect(drop(later, 'verifyProof', proof)).toBe('badNoise')
  expect(later.result).toBeUndefined()
})

test('the seed alone does not make a listener’s FINAL: another seed holder cannot finish the run', () => {
  const { initiator, responder } = makePair()
  const impostor = makePair({}, { identity: identityOf('impostor'), entropy: seededEntropy('impostor') })
  const hello = initiator.createHello(NOW)
  impostor.responder.processHello(hello, NOW)
  const proof = initiator.processResponse(responder.processHello(hello, NOW)!, NOW)!
  expect(drop(impostor.responder, 'verifyProof', proof)).toBe('badNoise')
})

test('seeds that differ in anything do not meet', () => {
  const keys = seedKeys()
  const other = seedKeys('other')
  // With the right mac1 (as if the filter were passed by chance) each pre-shared key still refuses.
  const psk0 = makePair({ keys: { psk0: other.psk0, psk3: keys.psk3, mac1: keys.mac1, dispose() {} } })
  expect(drop(psk0.responder, 'processHello', psk0.initiator.createHello(NOW))).toBe('badNoise')
  const psk3 = makePair({ keys: { psk0: keys.psk0, psk3: other.psk3, mac1: keys.mac1, dispose() {} } })
  const response = psk3.responder.processHello(psk3.initiator.createHello(NOW), NOW)!
  expect(drop(psk3.responder, 'verifyProof', psk3.initiator.processResponse(response, NOW)!)).toBe('badNoise')
})

/** A message that fits from the outside, around a Noise message from somewhere else. */
function shaped(type: number, scid: Uint8Array, dcid: Uint8Array, noise: Uint8Array, extra = 0): Uint8Array {
  const length = noise.length + (type === 3 ? 0 : extra)
  const message = new Uint8Array(24 + length + (type === 3 ? 16 : 0) + 16)
  message.set([0x80 | type, 1, length >>> 8, length & 0xff, 1])
  message.set(dcid, 8)
  message.set(scid, 16)
  message.set(noise, 24)
  return withMac(message)
}

function drop<M extends string>(
  side: { [K in M]: (bytes: Uint8Array, now: number) => unknown } & { lastDrop: DropReason | undefined },
  method: M,
  bytes: Uint8Array,
): DropReason | undefined {
  expect(side[method](bytes, NOW)).toBeUndefined()
  return side.lastDrop
}
