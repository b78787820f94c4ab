import { expect, test } from 'vitest'
import type { InitiatorConfig, Suite } from '../src/index.ts'
import { deliverFinal, deliverProof, makePair } from './support.ts'

const NOW = 1_000
const MAX = Number.MAX_SAFE_INTEGER

/** The largest that a side can say of itself. */
const largest = {
  datagram: true,
  metadata: 'x'.repeat(507),
  limits: {
    idleTimeout: MAX,
    maxData: MAX,
    maxStreamData: MAX,
    maxDatagram: MAX,
    maxMessage: MAX,
    maxStreamsBidi: MAX,
    maxStreamsUni: MAX,
  },
  paths: { version: 255, maxPaths: 16, punch: true, detached: MAX },
} satisfies Partial<InitiatorConfig>

/** HELLO, RESPONSE, AUTH_PROOF (its fragments), FINAL (its fragments), in bytes. */
function sizes(suite: Suite, options: Partial<InitiatorConfig>): number[] {
  const { initiator, responder } = makePair({ ...options, suites: [suite] }, { ...options, suites: [suite] })
  const hello = initiator.createHello(NOW)
  const response = responder.processHello(hello, NOW)!
  initiator.processResponse(response, NOW)
  deliverProof(initiator, responder, NOW)
  expect(deliverFinal(initiator, responder, NOW)).toBeDefined()
  const { proofMessages } = initiator
  return [hello, response, ...proofMessages, ...responder.finalMessages].map(message => message.length)
}

// spec: STT-HS-5, STT-HS-6
test.each([
  [1, 'small', { datagram: true }, [1200, 440, 325, 126]],
  [1, 'largest', largest, [1200, 484, 894, 651]],
  [2, 'small', { datagram: true }, [1200, 440, 1200, 361, 1200, 67]],
  [2, 'largest', largest, [1200, 484, 1200, 930, 1200, 592]],
] as const)(
  'suite %i, %s: no datagram is longer than 1,200 bytes, and none is longer than HELLO',
  (suite, _, options, expected) => {
    const actual = sizes(suite, options)
    expect(actual).toEqual(expected)
    expect(Math.max(...actual)).toBe(1200)
  },
)

// spec: STT-HS-37
test.each([1, 2] as const)('suite %i: all that a listener sends is less than what the dialer sent it', suite => {
  const { initiator, responder } = makePair({ datagram: true, suites: [suite] }, { ...largest, suites: [suite] })
  const hello = initiator.createHello(NOW)
  const response = responder.processHello(hello, NOW)!
  initiator.processResponse(response, NOW)
  deliverProof(initiator, responder, NOW)
  const sum = (...messages: Uint8Array[]): number => messages.reduce((bytes, { length }) => bytes + length, 0)
  expect(sum(response, ...responder.finalMessages)).toBeLessThan(sum(hello, ...initiator.proofMessages))
})

// spec: STT-HS-5
test('on a message link nothing is padded or split', () => {
  expect(sizes(2, { datagram: false })).toEqual([176, 440, 1521, 1227])
})

// spec: STT-HS-5
test('with a token HELLO keeps its length', () => {
  const { initiator } = makePair({ datagram: true, token: new Uint8Array(32).fill(7) })
  expect(initiator.createHello(NOW)).toHaveLength(1200)
})

// spec: STT-HS-5
test('a HELLO of any other length is dropped on a datagram link', () => {
  const { initiator } = makePair({ datagram: false })
  const { responder } = makePair({}, { datagram: true })
  expect(responder.processHello(initiator.createHello(NOW), NOW)).toBeUndefined()
  expect(responder.lastDrop).toBe('malformed')
})
