import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../test/hex.ts'
import { refusalOf } from '../test/refusal.ts'
import { ByteReader } from './byte-reader.ts'
import { type Candidate, MAX_CANDIDATE_SIZE, readCandidate, writeCandidate } from './candidate.ts'

const read = (hex: string): Candidate | undefined => {
  const bytes = fromHex(hex)
  const reader = new ByteReader()
  reader.reset(bytes, 0, bytes.length)
  const candidate = readCandidate(reader)
  expect(reader.remaining).toBe(0)
  return candidate
}

const write = (candidate: Candidate): string => {
  const buffer = new Uint8Array(MAX_CANDIDATE_SIZE)
  return toHex(buffer.subarray(0, writeCandidate(buffer, 0, candidate)))
}

// spec: STT-RLY-4
test.each<[string, Candidate]>([
  ['080102c0000207a1b2', { source: 'observed', address: '192.0.2.7', port: 0xa1b2 }],
  ['080101000000000000', { source: 'host', address: '0.0.0.0', port: 0 }],
  ['14020320010db800000000000000000000000101bb', { source: 'mapped', address: '2001:db8::1', port: 443 }],
  ['14020400010002000300040005000600070008ffff', { source: 'configured', address: '1:2:3:4:5:6:7:8', port: 65_535 }],
])('%s', (hex, candidate) => {
  expect(read(hex)).toEqual(candidate)
  expect(write(candidate)).toBe(hex)
})

// spec: STT-RLY-4
describe('what is not understood', () => {
  test.each(['00', '02ff01', '03070100', '080105c0000207a1b2', '080100c0000207a1b2'])('%s is passed over', hex => {
    expect(read(hex)).toBeUndefined()
  })

  test.each(['070102c0000207a1', '090102c0000207a1b200', '140102c0000207a1b2c0000207a1b2c0000207a1b2', '0101'])(
    '%s is refused: a known kind, another length',
    hex => {
      expect(refusalOf(() => read(hex))?.rule).toBe('candidate-length')
    },
  )

  test.each(['', '08', '080102c0000207a1', '40'])('%s is cut short', hex => {
    expect(refusalOf(() => read(hex))?.rule).toBe('truncated')
  })
})

test('an IPv4 address in its mapped form is an IPv4 one, and a zone is left out', () => {
  expect(write({ source: 'host', address: '::ffff:192.0.2.7', port: 1 })).toBe('080101c00002070001')
  expect(write({ source: 'host', address: 'fe80::1%eth0', port: 1 })).toBe('140201fe8000000000000000000000000000010001')
})

test.each([
  { source: 'host', address: 'example.org', port: 1 },
  { source: 'host', address: '192.0.2.7', port: 65_536 },
  { source: 'host', address: '192.0.2.7', port: -1 },
  { source: 'host', address: '192.0.2.7', port: 1.5 },
  { source: 'guessed' as 'host', address: '192.0.2.7', port: 1 },
] satisfies Candidate[])('%j is no candidate', candidate => {
  expect(() => write(candidate)).toThrow(expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }))
})
