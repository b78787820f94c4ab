import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Output } from './output.ts'

/** A line with a name from the peer. */
function lineOf(path: string): string {
  const to = new PassThrough()
  const output = new Output({ json: true, quiet: false }, to)
  output.line({ type: 'file', path, size: 0, outcome: 'received' })
  output.flush()
  return String(to.read())
}

test('a line of JSON contains no character that a terminal obeys or that ends a line, and is read as it was', () => {
  const controls = '\u007f\u0080\u0085\u009b\u009f\u061c\u200e\u202e\u2028\u2066\u2069\u{e0041}\\\u009b'
  expect(lineOf(controls)).toContain(
    '\\u007f\\u0080\\u0085\\u009b\\u009f\\u061c\\u200e\\u202e\\u2028\\u2066\\u2069\\udb40\\udc41\\\\\\u009b"',
  )
  expect(lineOf('ünï 文件 🙂')).toContain('"ünï 文件 🙂"')
  const unit = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...controls, '"', '\ud83d', '\n'))
  fc.assert(
    fc.property(fc.array(unit), parts => {
      const path = parts.join('')
      const line = lineOf(path)
      expect(line).toMatch(/^[^\p{C}\p{Zl}\p{Zp}]*\n$/u)
      expect(JSON.parse(line).path).toBe(path)
    }),
  )
})
