import { expect, test } from 'vitest'
import { utf8 } from './index.ts'

test('a text has its UTF-8 bytes, and half a surrogate pair has none', () => {
  expect(utf8('😀')).toEqual(Uint8Array.of(0xf0, 0x9f, 0x98, 0x80))
  const invalid = (message: string) => expect.objectContaining({ code: 'STT_INVALID_ARGUMENT', message })
  const wrong = 'holds half a surrogate pair, which no UTF-8 text can'
  expect(() => utf8('a\ud83d')).toThrow(invalid(`the text ${wrong}`))
  expect(() => utf8('a\ud83d', 'the key')).toThrow(invalid(`the key ${wrong}`))
})
