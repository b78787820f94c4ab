import type { SeedKeys } from '@stt/crypto'
import { encode } from '@stt/serialize'
import { expect, test } from 'vitest'
import { Responder } from '../src/answer-hellos.ts'
import { FinalStatus, HandshakeManager, Initiator, type InitiatorConfig, type ResponderConfig } from '../src/index.ts'
import { openedFinal, openedResponse } from './hostile.ts'
import { identityOf, initiatorConfig, makePair, responderConfig, seedKeys, withMac } from './support.ts'

const paths = { version: 1, maxPaths: 4, punch: false, detached: 0 }
const NOW = 1_000

// spec: STT-HS-16
test.each([
  [FinalStatus.Refused, 'STT_PEER_REFUSED'],
  [FinalStatus.Busy, 'STT_BUSY'],
] as const)('FINAL with status %i ends the dialer’s run with %s', (status, code) => {
  const { initiator, responder } = makePair()
  const final = refuse(initiator, responder, status)
  expect(() => initiator.processFinal(final, NOW)).toThrow(expect.objectContaining({ code }))
  expect(initiator.processFinal(final, NOW)).toBeUndefined()
  expect(responder.result).toBeUndefined()
})

// spec: STT-HS-17
test('a refusal that is not authentic is ignored', () => {
  const { initiator, responder } = makePair()
  const final = refuse(initiator, responder, FinalStatus.Refused)
  const forged = final.slice()
  forged[24]! ^= FinalStatus.Refused ^ FinalStatus.Busy
  expect(initiator.processFinal(forged, NOW)).toBeUndefined()
})

test('the decision may come late, and is made once', () => {
  const { initiator, responder } = makePair({ metadata: 'hi' })
  const response = responder.processHello(initiator.createHello(NOW), NOW)!
  expect(() => responder.createFinal(0)).toThrow(expect.objectContaining({ code: 'STT_INVALID_STATE' }))
  const proof = initiator.processResponse(response, NOW)!
  expect(responder.openProof(proof, NOW)).toMatchObject({
    id: identityOf('dialer').id,
    metadata: 'hi',
    suite: 2,
    seedIndex: 0,
  })
  // Repeated while the decision is awaited: no answer yet, and no second opening.
  expect(responder.openProof(proof, NOW + 250)).toBeUndefined()
  expect(responder.repeatFinal(proof, NOW + 250)).toBeUndefined()
  const final = responder.createFinal(FinalStatus.Accepted)
  expect(responder.createFinal(FinalStatus.Accepted)).toEqual(final)
  expect(() => responder.createFinal(FinalStatus.Refused)).toThrow(
    expect.objectContaining({ code: 'STT_INVALID_STATE' }),
  )
  expect(responder.repeatFinal(proof, NOW + 3_000)).toEqual(final)
  expect(initiator.processFinal(final, NOW + 3_000)).toBeDefined()
})

// spec: STT-HS-39
test('an answer of another node than the expected one is ignored, and the expected one may still come', () => {
  const { initiator, responder: other } = makePair(
    { expectedPeer: identityOf('listener').id },
    { identity: identityOf('other') },
  )
  const hello = initiator.createHello(NOW)
  expect(initiator.processResponse(other.processHello(hello, NOW)!, NOW)).toBeUndefined()
  expect(initiator.lastDrop).toBe('wrongPeer')
  expect(initiator.peer).toBeUndefined()
  const expected = new Responder(responderConfig())
  expect(initiator.processResponse(expected.processHello(hello, NOW)!, NOW)).toBeDefined()
  expect(initiator.peer?.id).toEqual(identityOf('listener').id)
})

test('a dialer’s policy sees the id before the peer learns anything of the dialer', () => {
  const asked: Uint8Array[] = []
  const allowPeer = (id: Uint8Array): boolean => asked.push(id) === 0
  const { initiator, responder } = makePair({ allowPeer })
  expect(initiator.processResponse(responder.processHello(initiator.createHello(NOW), NOW)!, NOW)).toBeUndefined()
  expect(initiator.lastDrop).toBe('wrongPeer')
  expect(asked).toEqual([identityOf('listener').id])
})

// spec: STT-HS-38
test('pairwise secrets: the same one on both sides connects, another or none is silence', () => {
  const secret = new Uint8Array(32).fill(5)
  const other = new Uint8Array(32).fill(6)
  expect(meet({ pairwise: () => secret }, { pairwise: () => secret })).toBe('connected')
  expect(meet({ pairwise: () => secret }, { pairwise: () => other })).toBe('badNoise')
  expect(meet({ pairwise: () => secret }, { pairwise: () => undefined })).toBe('notPaired')
  expect(meet({ pairwise: () => undefined }, { pairwise: () => secret })).toBe('notPaired')
  expect(meet({ pairwise: () => secret }, {})).toBe('badNoise')
  expect(meet({}, { pairwise: () => secret })).toBe('badNoise')
})

// spec: STT-HS-38
test('pairwise secrets are asked for by the proved id', () => {
  const asked: Uint8Array[] = []
  const pairwise = (id: Uint8Array): Uint8Array => {
    asked.push(id)
    return new Uint8Array(32)
  }
  expect(meet({ pairwise }, { pairwise })).toBe('connected')
  expect(asked).toEqual([identityOf('listener').id, identityOf('dialer').id])
})

// spec: STT-HS-38
test('who has no pairwise secret is not let in with an empty one either', () => {
  const keys = { ...plainKeys(), psk3: new Uint8Array(32) }
  expect(meet({ keys }, { pairwise: () => undefined })).toBe('notPaired')
})

// spec: STT-HS-36
test('a listener with many seeds answers in the one that the dialer used', () => {
  const keys = Array.from({ length: 64 }, (_, i) => seedKeys(`seed ${i}`))
  for (const index of [0, 31, 63]) {
    const { initiator, responder } = makePair({ keys: keys[index]! }, { keys })
    const proof = initiator.processResponse(responder.processHello(initiator.createHello(NOW), NOW)!, NOW)!
    expect(responder.openProof(proof, NOW)?.seedIndex).toBe(index)
    expect(initiator.processFinal(responder.createFinal(0), NOW)).toBeDefined()
  }
})

// spec: STT-HS-30
test('after its deadline a run takes nothing more', () => {
  const { initiator, responder } = makePair({ timeout: 2_000 }, { timeout: 3_000 })
  const response = responder.processHello(initiator.createHello(NOW), NOW)!
  expect(initiator.processResponse(response, NOW + 2_000)).toBeUndefined()
  expect(initiator.lastDrop).toBe('expired')
  const proof = initiator.processResponse(response, NOW + 1_999)!
  expect(responder.openProof(proof, NOW + 3_000)).toBeUndefined()
  expect(responder.lastDrop).toBe('expired')
  expect(responder.processHello(initiator.createHello(NOW), NOW + 3_000)).toBeUndefined()
})

test.each([
  ['localCid', { localCid: new Uint8Array(7) }],
  ['expectedPeer', { expectedPeer: new Uint8Array(31) }],
  ['token', { token: new Uint8Array(31) }],
  ['timeout', { timeout: 0 }],
  ['limits.maxData', { limits: { ...initiatorConfig().limits, maxData: 1.5 } }],
  ['limits.idleTimeout', { limits: { ...initiatorConfig().limits, idleTimeout: 999 } }],
  // spec: STT-HS-12
  ['metadata', { metadata: 'x'.repeat(508) }],
  ['metadata', { metadata: { since: new Date(0) } as never }],
  ['localCid', { localCid: '00000000' as unknown as Uint8Array }],
  ['expectedPeer', { expectedPeer: 'ab' as unknown as Uint8Array }],
  ['timeout', { timeout: '9' as unknown as number }],
  ['entropy', { entropy: undefined as never }],
  ['datagram', { datagram: 1 as unknown as boolean }],
  ['allowPeer', { allowPeer: true as never }],
  ['pairwise', { pairwise: new Uint8Array(32) as never }],
  ['identity', { identity: new Uint8Array(32) as never }],
  ['limits', { limits: undefined as never }],
  ['paths', { paths: null as never }],
  ['paths', { paths: 4 as never }],
  // spec: STT-HS-47
  ['paths.version', { paths: { ...paths, version: 0 } }],
  ['paths.maxPaths', { paths: { ...paths, maxPaths: 17 } }],
  ['paths.punch', { paths: { ...paths, punch: 1 as never } }],
  ['paths.detached', { paths: { ...paths, detached: Number.POSITIVE_INFINITY } }],
  ['keys', { keys: {} as never }],
  ['keys', { keys: undefined as never }],
  ['expectedPear', { expectedPear: new Uint8Array(32) } as object],
])('a bad %s is refused when it is given, by name', (name, change) => {
  expect(() => new Initiator(initiatorConfig(change))).toThrow(
    expect.objectContaining({ code: 'STT_INVALID_ARGUMENT', message: expect.stringContaining(name) }),
  )
})

// spec: STT-HS-12, STT-HS-16
test('what a listener says of itself reaches only a peer that is let in', () => {
  const metadata = 'the name of this listener'
  const texts = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
  for (const status of [FinalStatus.Refused, FinalStatus.Busy]) {
    const { initiator, responder } = makePair({ suites: [1] }, { suites: [1], metadata })
    const hello = initiator.createHello(NOW)
    const response = responder.processHello(hello, NOW)!
    expect(texts(openedResponse(hello, response))).not.toContain(metadata)
    const proof = initiator.processResponse(response, NOW)!
    responder.openProof(proof, NOW)
    const final = responder.createFinal(status)
    expect(openedFinal({ hello, response, proof, final })).toEqual(encode({ status }))
  }
})

// spec: STT-HS-46
test('the eighth AUTH_PROOF that fails ends the run, and nothing says so', () => {
  const { initiator, responder } = makePair()
  const hello = initiator.createHello(NOW)
  const response = responder.processHello(hello, NOW)!
  const proof = initiator.processResponse(response, NOW)!
  const bad = proof.slice()
  bad[40]! ^= 1
  withMac(bad)
  for (let i = 0; i < 7; i++) {
    expect(responder.openProof(bad, NOW)).toBeUndefined()
    expect([responder.lastDrop, responder.failed]).toEqual(['badNoise', false])
  }
  // A wrong mac1 costs one hash and does not count.
  bad[bad.length - 1]! ^= 1
  for (let i = 0; i < 20; i++) responder.openProof(bad, NOW)
  expect([responder.lastDrop, responder.failed]).toEqual(['badMac', false])

  expect(responder.openProof(withMac(bad), NOW)).toBeUndefined()
  expect([responder.lastDrop, responder.failed]).toEqual(['badNoise', true])
  expect(responder.openProof(proof, NOW)).toBeUndefined()
  expect(responder.lastDrop).toBe('unexpected')
  expect(responder.processHello(hello, NOW)).toBeUndefined()
})

test('seven that fail leave the run to the true one', () => {
  const { initiator, responder } = makePair()
  const proof = initiator.processResponse(responder.processHello(initiator.createHello(NOW), NOW)!, NOW)!
  const bad = proof.slice()
  bad[40]! ^= 1
  for (let i = 0; i < 7; i++) responder.openProof(withMac(bad), NOW)
  expect(initiator.processFinal(responder.verifyProof(proof, NOW)!, NOW)).toBeDefined()
})

test('a Responder checks what it is made from too, and a manager what its runs will be', () => {
  const refused = expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' })
  expect(() => new Responder(undefined as never)).toThrow(refused)
  expect(() => new Initiator(undefined as never)).toThrow(refused)
  expect(() => new Responder({ ...responderConfig(), token: new Uint8Array(32) } as ResponderConfig)).toThrow(refused)
  for (const change of [{ keys: [null] as never }, { localCid: [] as never }, { entropy: 7 as never }]) {
    expect(() => new Responder(responderConfig(change))).toThrow(refused)
  }
  const { identity, entropy, limits, keys } = initiatorConfig()
  const manager = { identity, entropy, limits, paths, seeds: keys }
  expect(new HandshakeManager(manager)).toBeDefined()
  expect(() => new HandshakeManager({ ...manager, paths: { ...paths, version: 256 } })).toThrow(refused)
  expect(() => new HandshakeManager({ ...manager, localCid: new Uint8Array(8) } as never)).toThrow(refused)
})

test('bytes are taken as every view of them', () => {
  const token = new Uint8Array(32).fill(7)
  const cid = initiatorConfig().localCid
  const views = { token: token.buffer as never, localCid: new DataView(cid.buffer) as never }
  expect(new Initiator(initiatorConfig(views)).createHello(NOW)).toEqual(
    new Initiator(initiatorConfig({ token })).createHello(NOW),
  )
})

test('as many seeds as a listener can answer to, and no more', () => {
  const keys = Array<ReturnType<typeof seedKeys>>(1_025).fill(seedKeys())
  expect(() => new Responder(responderConfig({ keys }))).toThrow(
    expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }),
  )
  expect(() => new Responder(responderConfig({ keys: [] }))).toThrow(
    expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }),
  )
  expect(new Responder(responderConfig({ keys: keys.slice(1) }))).toBeDefined()
})

test('metadata of the largest size arrives both ways', () => {
  const metadata = 'x'.repeat(507)
  const { initiator, responder } = makePair({ metadata }, { metadata })
  const proof = initiator.processResponse(responder.processHello(initiator.createHello(NOW), NOW)!, NOW)!
  expect(responder.openProof(proof, NOW)?.metadata).toBe(metadata)
  expect(initiator.processFinal(responder.createFinal(FinalStatus.Accepted), NOW)?.peerMetadata).toBe(metadata)
})

/** The keys of the seed, as an object that may be changed. */
function plainKeys(): SeedKeys {
  const { psk0, psk3, mac1 } = seedKeys()
  return { psk0, psk3, mac1, dispose: () => {} }
}

function refuse(initiator: Initiator, responder: Responder, status: FinalStatus): Uint8Array {
  const proof = initiator.processResponse(responder.processHello(initiator.createHello(NOW), NOW)!, NOW)!
  responder.openProof(proof, NOW)
  return responder.createFinal(status)
}

/** How far a run comes: connected, or why it stops. */
function meet(dial: Partial<InitiatorConfig>, listen: Partial<ResponderConfig>): string {
  const { initiator, responder } = makePair(dial, listen)
  const proof = initiator.processResponse(responder.processHello(initiator.createHello(NOW), NOW)!, NOW)
  if (proof === undefined) return initiator.lastDrop!
  const final = responder.verifyProof(proof, NOW)
  if (final === undefined) return responder.lastDrop!
  return initiator.processFinal(final, NOW) ? 'connected' : 'no FINAL'
}
