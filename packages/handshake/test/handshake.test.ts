import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import type { Responder } from '../src/answer-hellos.ts'
import { readHeader } from '../src/header.ts'
import { type HandshakeResult, type Initiator, isHandshake } from '../src/index.ts'
import { deliverFinal, deliverProof, identityOf, limitsOf, makePair, seedKeys } from './support.ts'

const NOW = 1_000

test.each([
  { suite: 1, datagram: false },
  { suite: 1, datagram: true },
  { suite: 2, datagram: false },
  { suite: 2, datagram: true },
] as const)('both sides agree on everything (suite $suite, datagram $datagram)', ({ suite, datagram }) => {
  const options = { suites: [suite], datagram }
  const { initiator, responder } = makePair(
    { ...options, metadata: { name: 'laptop' } },
    { ...options, metadata: ['nas', 7] },
  )
  const { dialed, accepted } = run(initiator, responder)

  expect(dialed.role).toBe('initiator')
  expect(accepted.role).toBe('responder')
  expect(dialed.sessionId).toEqual(accepted.sessionId)
  expect(dialed.sessionId).toHaveLength(16)
  expect(dialed.binding).toEqual(accepted.binding)
  expect(dialed.binding).toHaveLength(64)
  expect([dialed.suite, accepted.suite]).toEqual([suite, suite])
  expect(dialed.secrets.send).toEqual(accepted.secrets.receive)
  expect(dialed.secrets.receive).toEqual(accepted.secrets.send)
  expect(dialed.secrets.exporter).toEqual(accepted.secrets.exporter)
  expect([dialed.localCid, dialed.remoteCid]).toEqual([accepted.remoteCid, accepted.localCid])
  expect([dialed.peerId, accepted.peerId]).toEqual([identityOf('listener').id, identityOf('dialer').id])
  expect([dialed.peerMetadata, accepted.peerMetadata]).toEqual([['nas', 7], { name: 'laptop' }])
  expect([dialed.peerLimits, accepted.peerLimits]).toEqual([limitsOf(2_000_000), limitsOf(1_000_000)])
})

// spec: STT-HS-48
test.each([
  [
    { version: 1, maxPaths: 4, punch: true, detached: 60_000 },
    { version: 3, maxPaths: 2, punch: true, detached: 90_000 },
    { version: 1, maxPaths: 2, punch: true, detached: 60_000 },
  ],
  [
    { version: 7, maxPaths: 1, punch: true, detached: 5 },
    { version: 2, maxPaths: 16, punch: false, detached: 0 },
    { version: 2, maxPaths: 1, punch: false, detached: 0 },
  ],
  [undefined, undefined, { version: 1, maxPaths: 4, punch: false, detached: 0 }],
])('of what the two can do with links the lesser holds: %o and %o', (a, b, paths) => {
  for (const [dials, listens] of [
    [a, b],
    [b, a],
  ]) {
    const { initiator, responder } = makePair({ paths: dials }, { paths: listens })
    const { dialed, accepted } = run(initiator, responder)
    expect([dialed.paths, accepted.paths]).toEqual([paths, paths])
  }
})

// spec: STT-HS-18
test('the three secrets of a session differ, and differ from those of every other run', () => {
  const one = makePair()
  const other = makePair({ localCid: new Uint8Array(8).fill(9) })
  const secrets = [run(one.initiator, one.responder), run(other.initiator, other.responder)].flatMap(({ dialed }) => [
    dialed.secrets.send,
    dialed.secrets.receive,
    dialed.secrets.exporter,
  ])
  expect(new Set(secrets.map(String)).size).toBe(6)
})

test('nothing secret shows in a log, in JSON or in a spread', () => {
  const { initiator, responder } = makePair()
  const { dialed } = run(initiator, responder)
  const shown = inspect(dialed, { depth: 9, showHidden: false }) + JSON.stringify(dialed) + inspect({ ...dialed })
  expect(shown).not.toContain('secrets')
  expect(shown).not.toContain('resetToken')
  expect(inspect(dialed.secrets, { depth: 9 })).toBe('SessionSecrets {}')
  expect(dialed.resetToken).toHaveLength(16)
})

test('disposing of the secrets wipes them', () => {
  const { initiator, responder } = makePair()
  const { secrets } = run(initiator, responder).dialed
  secrets.dispose()
  expect([secrets.send, secrets.receive, secrets.exporter]).toEqual(Array(3).fill(new Uint8Array(32)))
})

// spec: STT-HS-25
test('the same input gets the same answer again, byte for byte', () => {
  const { initiator, responder } = makePair()
  const hello = initiator.createHello(NOW)
  expect(initiator.createHello(NOW + 500)).toEqual(hello)
  const response = responder.processHello(hello, NOW)!
  expect(responder.processHello(hello, NOW + 500)).toEqual(response)
  const proof = initiator.processResponse(response, NOW)!
  expect(initiator.processResponse(response, NOW + 500)).toEqual(proof)
  const final = responder.verifyProof(proof, NOW)!
  expect(responder.verifyProof(proof, NOW + 500)).toEqual(final)
  expect(initiator.processFinal(final, NOW)?.binding).toEqual(responder.result?.binding)
})

// spec: STT-HS-22
test('writing into a message that was handed out does not change the one that is sent again', () => {
  const { initiator, responder } = makePair()
  const hello = initiator.createHello(NOW)
  const kept = hello.slice()
  hello.fill(0)
  expect(initiator.createHello(NOW)).toEqual(kept)
  const response = responder.processHello(kept, NOW)!
  const proof = initiator.processResponse(response, NOW)!
  const keptProof = proof.slice()
  proof.fill(0)
  expect(initiator.processResponse(response, NOW)).toEqual(keptProof)
})

// spec: STT-HS-41
test('a reset token comes only from a responder whose key outlives the process', () => {
  const { initiator, responder } = makePair()
  expect(run(initiator, responder).dialed.resetToken).toHaveLength(16)
  const passing = makePair({}, { identity: Object.assign(identityOf('listener'), { configured: false }) })
  expect(run(passing.initiator, passing.responder).dialed.resetToken).toBeUndefined()
})

test('the header routes a message without any key', () => {
  const { initiator, responder } = makePair()
  const hello = initiator.createHello(NOW)
  const response = responder.processHello(hello, NOW)!
  expect(isHandshake(hello)).toBe(true)
  expect(readHeader(hello)).toMatchObject({ type: 0, dcid: new Uint8Array(8), scid: initiator.localCid })
  expect(readHeader(response)).toMatchObject({ type: 1, dcid: initiator.localCid, scid: responder.localCid })
  expect(isHandshake(Uint8Array.of(0x40, 1, 2))).toBe(false)
})

test('a wrong seed is silence', () => {
  const { initiator, responder } = makePair({ keys: seedKeys('another') })
  expect(responder.processHello(initiator.createHello(NOW), NOW)).toBeUndefined()
  expect(responder.lastDrop).toBe('badMac')
})

function run(initiator: Initiator, responder: Responder): { dialed: HandshakeResult; accepted: HandshakeResult } {
  initiator.processResponse(responder.processHello(initiator.createHello(NOW), NOW)!, NOW)
  deliverProof(initiator, responder, NOW)
  return { dialed: deliverFinal(initiator, responder, NOW)!, accepted: responder.result! }
}
