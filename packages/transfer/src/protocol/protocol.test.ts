import { win32 } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeMessage } from './encode.ts'
import { MessageReader } from './message-reader.ts'
import {
  HASH_LENGTH,
  MAX_CONTROL,
  MAX_DATA,
  MAX_UNANSWERED,
  MAX_WHOLE,
  type Message,
  type SenderMessage,
} from './messages.ts'
import { pathProblem } from './path-rules.ts'
import { TransferProtocolError } from './protocol-error.ts'
import { ReceiverRules } from './receiver-rules.ts'
import { SenderRules } from './sender-rules.ts'

const whole = fc.maxSafeNat()
const small = fc.nat(2 ** 32 - 1)
const path = fc.string({ unit: 'grapheme', maxLength: 60 })
const hash = fc.uint8Array({ minLength: HASH_LENGTH, maxLength: HASH_LENGTH })
const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ type: fc.constant('begin' as const), version: small, files: whole, bytes: whole }),
  fc.record({ type: fc.constant('folder' as const), path, mode: small, modified: whole }),
  fc.record({ type: fc.constant('file' as const), path, size: whole, mode: small, modified: whole }),
  fc.record({ type: fc.constant('from' as const), id: whole, offset: whole }),
  fc.record({ type: fc.constant('hole' as const), length: whole }),
  fc.record({ type: fc.constant('end' as const), id: whole, hash }),
  fc.record({ type: fc.constant('give-up' as const), id: whole, reason: path }),
  fc.record({ type: fc.constant('all' as const) }),
  fc.record({ type: fc.constant('ready' as const), version: small }),
  fc.record({ type: fc.constant('want' as const), id: whole, offset: whole, kept: fc.boolean(), hash }),
  fc.record({ type: fc.constant('done' as const), id: whole, count: small }),
  fc.record({ type: fc.constant('had' as const), id: whole, count: small }),
  fc.record({
    type: fc.constant('whole' as const),
    path,
    mode: small,
    modified: whole,
    hash,
    bytes: fc.uint8Array({ maxLength: 99 }),
  }),
  fc.record({ type: fc.constant('refused' as const), id: whole, reason: path }),
  fc.record({ type: fc.constant('abort' as const), reason: path }),
  fc.record({ type: fc.constant('finished' as const) }),
  fc.record({ type: fc.constant('data' as const), bytes: fc.uint8Array({ minLength: 1, maxLength: 99 }) }),
)

/** Reads bytes that come in pieces of these lengths. Pieces of data are put together again. */
function readAll(bytes: Uint8Array, lengths: readonly number[]): { messages: Message[]; reader: MessageReader } {
  const reader = new MessageReader()
  const messages: Message[] = []
  for (let offset = 0, turn = 0; offset < bytes.length; turn++) {
    const length = Math.max(1, lengths[turn % lengths.length] ?? 1)
    for (const each of reader.read(bytes.subarray(offset, offset + length))) {
      messages.push(each.type === 'data' || each.type === 'whole' ? { ...each, bytes: each.bytes.slice() } : each)
    }
    offset += length
  }
  return { messages, reader }
}

test('what is encoded is read again, wherever its bytes are cut', () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), lengths, (messages, cuts) => {
      const bytes = Buffer.concat(messages.map(encodeMessage))
      const { messages: read, reader } = readAll(bytes, cuts)
      expect(reader.isBetweenMessages).toBe(true)
      const again = Buffer.concat(read.filter(({ type }) => type !== 'data').map(encodeMessage))
      expect(again).toEqual(Buffer.concat(messages.filter(({ type }) => type !== 'data').map(encodeMessage)))
      const dataOf = (all: readonly Message[]): Buffer => Buffer.concat(all.flatMap(each => (each.type === 'data' ? [each.bytes] : []))) // biome-ignore format: one line
      expect(dataOf(read)).toEqual(dataOf(messages))
    }),
  )
})

test('bytes of whatever kind are messages or a TransferProtocolError, and nothing else', () => {
  const nearly = fc.tuple(
    fc.constantFrom(1, 2, 3, 4, 6, 7, 8, 9, 10, 16, 17, 18, 19, 20, 21, 22),
    fc.uint8Array({ maxLength: 80 }),
  )
  const framed = nearly.map(([type, body]) => Buffer.concat([Uint8Array.of(type, 0, 0, 0, body.length), body]))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), framed), bytes => {
      try {
        for (const each of readAll(bytes, [7]).messages) if (each.type !== 'data') encodeMessage(each)
      } catch (error) {
        expect(error).toBeInstanceOf(TransferProtocolError)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('a length that is too large is refused before its bytes come', () => {
  const header = (type: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(5)
    bytes[0] = type
    new DataView(bytes.buffer).setUint32(1, length)
    return bytes
  }
  for (const [type, length] of [
    [3, MAX_CONTROL + 1],
    [5, MAX_DATA + 1],
    [5, 0],
    [10, MAX_WHOLE + MAX_CONTROL],
    [3, 2 ** 32 - 1],
  ] as const) {
    expect(() => readAll(header(type, length), [5])).toThrow(TransferProtocolError)
  }
  expect(() => readAll(header(5, MAX_DATA), [5])).not.toThrow()
})

describe('what a sender may say', () => {
  const begin: SenderMessage = { type: 'begin', version: 1, files: 1, bytes: 10 }
  const file: SenderMessage = { type: 'file', path: 'a', size: 10, mode: 0o644, modified: 0 }
  const data = (length: number): SenderMessage => ({ type: 'data', bytes: new Uint8Array(length) })
  const end: SenderMessage = { type: 'end', id: 0, hash: new Uint8Array(32) }
  const say = (rules: ReceiverRules, ...messages: readonly Message[]): void => {
    for (const each of messages) {
      const id = rules.check(each)
      if (id !== undefined) rules.offered(id, 4)
    }
  }

  test('a file from where it was offered, or from its beginning', () => {
    for (const offset of [4, 0]) {
      const rules = new ReceiverRules()
      say(rules, begin, file, { type: 'from', id: 0, offset }, data(3), { type: 'hole', length: 7 - offset }, end)
      expect(rules.isComplete).toBe(false)
      say(rules, { type: 'all' })
      expect(rules.isComplete).toBe(true)
    }
  })

  const whole: SenderMessage = { type: 'whole', path: 'b', mode: 0, modified: 0, hash: new Uint8Array(32), bytes: new Uint8Array(3) } // biome-ignore format: one line

  test('files that come whole have their numbers among the others', () => {
    const rules = new ReceiverRules()
    say(rules, begin)
    expect([whole, file, whole].map(each => rules.check(each))).toEqual([0, 1, 2])
    rules.offered(1, 4)
    say(rules, { type: 'all' })
    expect(rules.isComplete).toBe(false)
    say(rules, { type: 'from', id: 1, offset: 4 }, data(6), { ...end, id: 1 })
    expect(rules.isComplete).toBe(true)
  })

  const from4: SenderMessage = { type: 'from', id: 0, offset: 4 }
  test.each<[string, readonly Message[]]>([
    ['anything before it begins', [file]],
    ['that it begins, twice', [begin, begin]],
    ['data of no file', [begin, data(1)]],
    ['a file from where nothing was offered', [begin, file, { type: 'from', id: 0, offset: 5 }]],
    ['a file that was not announced', [begin, { type: 'from', id: 0, offset: 0 }]],
    ['two files at once', [begin, file, file, from4, { type: 'from', id: 1, offset: 4 }]],
    ['more than the file has', [begin, file, from4, data(7)]],
    ['a hole that is more than the file has', [begin, file, from4, { type: 'hole', length: Number.MAX_SAFE_INTEGER }]],
    [
      'a hole of which more is to be read back than of any data',
      [begin, { ...file, size: 2_000_000 }, from4, { type: 'hole', length: 1_048_577 }],
    ],
    ['a hole of nothing', [begin, file, from4, { type: 'hole', length: 0 }]],
    ['the end before everything is there', [begin, file, from4, data(5), end]],
    ['the end of what was neither sent nor offered whole', [begin, file, end]],
    ['the end of a file while another comes', [begin, file, file, from4, data(6), { ...end, id: 1 }]],
    ['the end, twice', [begin, file, from4, data(6), end, end]],
    ['a file whole before it begins', [whole]],
    ['a file whole after all', [begin, { type: 'all' }, whole]],
    ['a file whole while another comes', [begin, file, from4, data(1), whole]],
    ['a file after all', [begin, { type: 'all' }, file]],
    ['a folder after all', [begin, { type: 'all' }, { type: 'folder', path: 'a', mode: 0, modified: 0 }]],
    ['what a receiver says', [begin, { type: 'done', id: 0, count: 1 }]],
  ])('not: %s', (_, messages) => {
    const rules = new ReceiverRules()
    say(rules, ...messages.slice(0, -1))
    expect(() => say(rules, messages.at(-1)!)).toThrow(TransferProtocolError)
  })

  test(`not: more than ${MAX_UNANSWERED} files that have no answer`, () => {
    const rules = new ReceiverRules()
    say(rules, begin)
    for (let count = 0; count < MAX_UNANSWERED; count++) rules.check(file)
    expect(() => rules.check(file)).toThrow(TransferProtocolError)
    rules.settled(0)
    expect(rules.check(file)).toBe(MAX_UNANSWERED)
  })
})

describe('what a receiver may say', () => {
  const ready: Message = { type: 'ready', version: 1 }
  const want = (id: number, offset: number): Message => ({
    type: 'want',
    id,
    offset,
    kept: false,
    hash: new Uint8Array(32),
  })
  /** What the sender says in between: the end of the file. */
  const END = 'end'
  test.each<[string, readonly (Message | typeof END)[]]>([
    ['anything before it is ready', [want(0, 0)]],
    ['that it is ready, twice', [ready, ready]],
    ['that it wants what it was not told of', [ready, want(1, 0)]],
    ['that it has more than there is', [ready, want(0, 11)]],
    ['that it wants a file, twice', [ready, want(0, 0), want(0, 0)]],
    ['that it has what it did not want', [ready, { type: 'done', id: 0, count: 1 }]],
    [
      'that a file is done, twice',
      [ready, want(0, 0), END, { type: 'done', id: 0, count: 1 }, { type: 'done', id: 0, count: 1 }],
    ],
    [
      'no to what it has taken',
      [ready, want(0, 0), END, { type: 'done', id: 0, count: 1 }, { type: 'refused', id: 0, reason: '' }],
    ],
    ['that a file is done that is still to be sent', [ready, want(0, 0), { type: 'done', id: 0, count: 1 }]],
    ['no to a file that it wants', [ready, want(0, 0), { type: 'refused', id: 0, reason: '' }]],
    ['that none is done', [ready, want(0, 0), END, { type: 'done', id: 0, count: 0 }]],
    ['that more are done than there are', [ready, want(0, 0), END, { type: 'done', id: 0, count: 2 }]],
    [
      'that as many are done as there are numbers',
      [ready, want(0, 0), END, { type: 'done', id: 0, count: 2 ** 32 - 1 }],
    ],
    ['that it had what it wanted', [ready, want(0, 0), END, { type: 'had', id: 0, count: 1 }]],
    ['that it is finished before all was said', [ready, { type: 'finished' }]],
    ['what a sender says', [ready, { type: 'all' }]],
  ])('not: %s', (_, messages) => {
    const rules = new SenderRules()
    rules.announced(0, 10)
    for (const each of messages.slice(0, -1)) {
      if (each === END) rules.ended(0)
      else rules.check(each)
    }
    expect(() => rules.check(messages.at(-1) as Message)).toThrow(TransferProtocolError)
  })

  test('what became of many that came whole', () => {
    const rules = new SenderRules()
    for (let id = 0; id < 6; id++) rules.sentWhole(id)
    rules.check(ready)
    rules.check({ type: 'done', id: 0, count: 3 })
    rules.check({ type: 'had', id: 3, count: 2 })
    rules.check({ type: 'refused', id: 5, reason: '' })
    expect(rules.unanswered).toBe(0)
    expect(() => rules.check({ type: 'had', id: 3, count: 1 })).toThrow(TransferProtocolError)
  })

  test('that it is finished once everything has its answer', () => {
    const rules = new SenderRules()
    rules.announced(0, 10)
    rules.announced(1, 10)
    rules.check(ready)
    rules.check(want(0, 10))
    rules.check({ type: 'refused', id: 1, reason: '' })
    rules.ended(0)
    rules.saidAll()
    expect(() => rules.check({ type: 'finished' })).toThrow(TransferProtocolError)
    rules.check({ type: 'done', id: 0, count: 1 })
    expect(() => rules.check({ type: 'finished' })).not.toThrow()
  })
})

describe('paths', () => {
  test.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    'a/../b',
    './a',
    'a\0b',
    'a/\ud800',
    'x'.repeat(256),
    '.stt-0123456789abcdef0123.part',
  ])('none that would leave the folder, or no system takes: %j', given => {
    expect(pathProblem(given, false)).toBeDefined()
  })

  test.each([
    'con',
    'NUL',
    'aux.txt',
    'Com1',
    'lpt¹.x',
    'a:b',
    'a\\b',
    'C:',
    'a.',
    'a ',
    'a\nb',
    'a?',
    '..\\..\\b',
    'conin$',
  ])('on Windows not %j, elsewhere it is a name like another', given => {
    expect([pathProblem(given, true), pathProblem(given, false)]).toEqual([expect.any(String), undefined])
  })

  test('what is taken on Windows lies in the folder by the rules of Windows itself', () => {
    const awkward = fc.stringMatching(/^[./\\:a-c~$ ]{1,12}$/)
    fc.assert(
      fc.property(fc.oneof(awkward, fc.string({ unit: 'binary', maxLength: 12 })), given => {
        if (pathProblem(given, true) !== undefined) return
        const place = win32.join('C:\\in', given)
        expect(win32.relative('C:\\in', place).split('\\')).toEqual(given.split('/'))
        expect(win32.resolve('C:\\in', given)).toBe(place)
      }),
      { numRuns: 5_000 },
    )
  })
})
