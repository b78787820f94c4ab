import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytes } from '../../test/bytes.ts'
import { known } from '../../test/known-answers.ts'
import { phe } from '../index.ts'
import { readPhrase, writePhrase } from './phrase.ts'

const { random, text } = known.phrase

// spec: STT-CRY-20
test('the known phrase', () => {
  expect(writePhrase(phe, bytes(random))).toBe(text)
  expect(readPhrase(phe, text)).toBe(text)
})

// spec: STT-CRY-20
test('every generated phrase is recognised, however it was typed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 13, maxLength: 13 }), random => {
      const phrase = writePhrase(phe, random)
      expect(phrase).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){5}[0-9a-hjkmnp-tv-z]{4}$/)
      for (const typed of [
        phrase,
        phrase.toUpperCase(),
        phrase.replaceAll('-', ''),
        ` ${phrase.replaceAll('-', ' ')}\n`,
        phrase.replaceAll('0', 'o').replaceAll('1', 'l'),
        phrase.replaceAll('0', 'O').replaceAll('1', 'I'),
      ]) {
        expect(readPhrase(phe, typed)).toBe(phrase)
      }
    }),
  )
})

// spec: STT-CRY-20
test('all of the 100 bits matter', () => {
  const phrases = new Set<string>()
  for (let bit = 0; bit < 100; bit++) {
    const changed = bytes(random)
    changed[bit >> 3]! ^= 0x80 >> (bit & 7)
    phrases.add(writePhrase(phe, changed))
  }
  phrases.add(text)
  expect(phrases.size).toBe(101)
})

// spec: STT-CRY-20
test('a mistyped phrase, and any other text, is not recognised', () => {
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '-') continue
    const mistyped = text.slice(0, i) + (text[i] === 'z' ? 'y' : 'z') + text.slice(i + 1)
    expect(readPhrase(phe, mistyped)).toBeUndefined()
  }
  for (const other of ['', 'correct horse battery', text.slice(1), `${text}0`, text.replace(/.$/, 'u')]) {
    expect(readPhrase(phe, other)).toBeUndefined()
  }
})
