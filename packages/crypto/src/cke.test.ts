import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytes, errorCode, hex } from '../test/bytes.ts'
import { known } from '../test/known-answers.ts'
import { providers } from '../test/providers.ts'
import { createCke } from './cke.ts'
import { cke } from './index.ts'

const secret = bytes(known.secret)
const none = new Uint8Array(0)

describe.each(providers)('cke on $name', provider => {
  const { derive, streamContext, exportKey } = createCke(provider)

  // spec: STT-CRY-8
  test('derive gives the known answers, to its longest', () => {
    for (const { label, context, output } of known.derive) {
      expect(hex(derive(secret, label, bytes(context), output.length / 2))).toBe(output)
    }
    const { label, length, outputHash } = known.deriveLongest
    expect(hex(provider.hash(derive(secret, label, none, length)))).toBe(outputHash)
  })

  // spec: STT-CRY-10
  test('streamContext gives the known answers', () => {
    for (const { streamId, output } of known.streamContext) {
      expect(hex(streamContext(secret, BigInt(streamId)))).toBe(output)
    }
    expect(hex(streamContext(secret, 5))).toBe(known.streamContext[1]!.output)
  })

  // spec: STT-CRY-11
  test('exportKey gives the known answer', () => {
    const { label, output } = known.exportKey
    expect(hex(exportKey(secret, label, output.length / 2))).toBe(output)
  })
})

// spec: STT-CRY-8
test('another label, context, length or secret gives unrelated bytes', () => {
  const parameters = fc.record({
    secret: fc.constantFrom(secret, bytes(known.nodeId.privateKey)),
    label: fc.constantFrom('', 'a', 'ab'),
    context: fc.constantFrom(none, Uint8Array.of(0), Uint8Array.of(0, 0), Uint8Array.of(98)),
    length: fc.integer({ min: 12, max: 70 }),
  })
  type Parameters = typeof parameters extends fc.Arbitrary<infer T> ? T : never
  const first12 = (p: Parameters) => hex(cke.derive(p.secret, p.label, p.context, p.length).subarray(0, 12))
  const name = (p: Parameters) => [hex(p.secret), p.label, hex(p.context), p.length].join()
  fc.assert(
    fc.property(parameters, parameters, (a, b) => {
      expect(first12(a) === first12(b)).toBe(name(a) === name(b))
    }),
  )
})

// spec: STT-CRY-9
test('what does not fit its field is refused, not cut', () => {
  const invalid = errorCode('STT_INVALID_ARGUMENT')
  expect(cke.derive(secret, 'ä'.repeat(125), new Uint8Array(255), 16_320)).toHaveLength(16_320)
  expect(() => cke.derive(secret, 'l'.repeat(251), none, 32)).toThrow(invalid)
  expect(() => cke.derive(secret, 'ä'.repeat(126), none, 32)).toThrow(invalid)
  expect(() => cke.derive(secret, '', new Uint8Array(256), 32)).toThrow(invalid)
  for (const length of [0, -1, 16_321, 1.5, Number.NaN])
    expect(() => cke.derive(secret, '', none, length)).toThrow(invalid)
  expect(() => cke.derive(secret.subarray(1), '', none, 32)).toThrow(invalid)

  expect(cke.exportKey(secret, 'l'.repeat(246), 1)).toHaveLength(1)
  expect(() => cke.exportKey(secret, 'l'.repeat(247), 1)).toThrow(invalid)
})

// spec: STT-CRY-10
test('a stream id is an unsigned integer of 64 bits', () => {
  for (const id of [-1, 0.5, 2 ** 53, -1n, 2n ** 64n]) {
    expect(() => cke.streamContext(secret, id)).toThrow(errorCode('STT_INVALID_ARGUMENT'))
  }
})
