import { expect, test } from 'vitest'
import { printable } from './index.ts'

test('what a terminal or a log would act on is written out', () => {
  expect(printable('bye\n2026-01-01 sshd: Accepted\r\u001b[2J\u202e\u2028\u2066\u200b\u0085\u007f')).toBe(
    'bye\\u{a}2026-01-01 sshd: Accepted\\u{d}\\u{1b}[2J\\u{202e}\\u{2028}\\u{2066}\\u{200b}\\u{85}\\u{7f}',
  )
  expect(printable('half a pair: \ud83d')).toBe('half a pair: \\u{d83d}')
  expect(printable('a tag: \u{e0041}')).toBe('a tag: \\u{e0041}')
})

test('text in any script stays as it is', () => {
  const text = 'grüße, 你好, שלום, 🙂 "\\" <b>'
  expect(printable(text)).toBe(text)
})

test('no character from 0 to 2^16 that a log may not hold passes', () => {
  const all = Array.from({ length: 0x1_0000 }, (_, code) => printable(String.fromCharCode(code))).join('')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(all).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/)
})

test('a long text is cut, before it is escaped', () => {
  expect(printable('abcdef', 3)).toBe('abc…')
  expect(printable('abc', 3)).toBe('abc')
  expect(printable('\n\n\n', 2)).toBe('\\u{a}\\u{a}…')
})
