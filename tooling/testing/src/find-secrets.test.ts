import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { findSecrets, inCommon } from './find-secrets.ts'
import { createRandom } from './random.ts'

const secret = Uint8Array.from({ length: 32 }, (_, i) => (37 * i + 200) & 255)
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1')

test.each([
  ['as it is', () => secret.subarray(20, 28)],
  ['hexadecimal', () => bytes(Buffer.from(secret.subarray(3, 11)).toString('hex').toUpperCase())],
  ...[0, 1, 2].flatMap(before => [
    ['base64', () => bytes(Buffer.concat([Buffer.alloc(before), secret]).toString('base64'))],
    ['base64', () => bytes(Buffer.concat([Buffer.alloc(before), secret]).toString('base64url'))],
  ]),
] as [string, () => Uint8Array][])('a secret that stands there is found, %s', (form, make) => {
  const seen = [randomBytes(100), Buffer.concat([randomBytes(7), make(), randomBytes(3)])]
  expect(findSecrets(seen, { other: randomBytes(32), key: secret })).toContain(`key: ${form}`)
})

// RFC 4648 has `MZXW6YTBOI` for `foobar`.
test('a secret that stands there in base32 is found', () => {
  const name = new TextEncoder().encode('foobarfoobarfoobar')
  expect(findSecrets([bytes('_mzxw6ytbojtg633cmfzgm33pmjqxe._sub')], { name })).toEqual(['name: base32'])
})

test('what is not there is not found', () => {
  expect(findSecrets([randomBytes(10_000), secret.subarray(0, 7), bytes('_stt._udp.local')], { key: secret })).toEqual(
    [],
  )
})

test('what two have in common is what strangers do not say too', () => {
  const random = createRandom(1)
  const [id, usual] = [random.bytes(9), random.bytes(20)]
  const say = (part: Uint8Array): Uint8Array[] => [Buffer.concat([usual, random.bytes(4), part])]
  const strangers = say(random.bytes(9))
  expect(inCommon(say(id), say(id), strangers)).toHaveLength(2)
  expect(inCommon(say(random.bytes(9)), say(random.bytes(9)), strangers)).toEqual([])
  // Whose names begin with the same letter behind what everybody says is not linked by it.
  const named = (name: string): Uint8Array[] => [bytes(`_stt._udp.local ${name}`)]
  expect(inCommon(named('mzxw6ytb'), named('mcqp4ers'), named('aaaaaaaa'))).toEqual([])
})
