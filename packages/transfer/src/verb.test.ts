import type { Session, Stream } from '@stt/node'
import { expect, expectTypeOf, test } from 'vitest'
import type { TransferStream } from './outbox.ts'
import { metadataOf, serves, type Verb, verbOf } from './verb.ts'

test('a verb is read from what a peer says, and nothing else of it is believed', () => {
  const said = (metadata: unknown): Verb | undefined => verbOf({ peer: { metadata } })
  expect(said(metadataOf('send'))).toBe('send')
  const inherited = Object.create({ verb: 'send' }) as object
  for (const wrong of [undefined, null, 7, 'send', [], {}, { verb: 1 }, { verb: 'toString' }, inherited])
    expect(said(wrong)).toBe(undefined)
})

test('each verb that listens serves its own, and all of them a ping', () => {
  const verbs: (Verb | undefined)[] = ['send', 'receive', 'pipe', 'forward', 'expose', 'ping', undefined]
  const pairs = verbs.flatMap(listening => verbs.filter(dialing => serves(listening, dialing)).map(each => `${listening} ${each}`)) // biome-ignore format: one line
  expect(pairs.filter(each => !each.endsWith('ping'))).toEqual(['receive send', 'pipe pipe', 'expose forward'])
  expect(pairs.filter(each => each.endsWith('ping'))).toHaveLength(verbs.length)
})

test('a session and a stream of a node are what is asked for', () => {
  expectTypeOf<Session>().toExtend<Parameters<typeof verbOf>[0]>()
  expectTypeOf<Stream>().toExtend<TransferStream>()
})
