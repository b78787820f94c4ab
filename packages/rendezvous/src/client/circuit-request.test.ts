import { relayGreeting } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { counting } from '../../test/bytes.ts'
import { ACCESS } from '../../test/listener-bench.ts'
import { AccessKeys } from '../access.ts'
import { decodeMessage } from '../messages/decode.ts'
import { encodeGreeting, encodeIncoming, encodeNo, encodeSpliced } from '../messages/encode.ts'
import type { RelayMessage } from '../messages/message.ts'
import { CircuitRequest, type CircuitRequestEvent, type CircuitWish } from './circuit-request.ts'

const mailboxes = [counting(1, 32), counting(2, 32)]

function asked(wish: CircuitWish = { dial: mailboxes }) {
  const request = new CircuitRequest({ url: 'ws://relay.example:4433/x', access: ACCESS, wish }, 0)
  const sent: RelayMessage[] = []
  const events: CircuitRequestEvent[] = []
  const say = (bytes: Uint8Array | undefined, now = 0): number => {
    if (bytes) request.receive(bytes, now)
    for (;;) {
      const output = request.poll(now)
      if (output.type === 'timeout') return output.at
      if (output.type === 'event') events.push(output.event)
      else sent.push(decodeMessage(output.packet))
    }
  }
  return { request, sent, events, say }
}

// spec: STT-RLY-10 STT-RLY-12
test('dials after the greeting, and is spliced', () => {
  const { sent, events, say } = asked()
  say(encodeGreeting(relayGreeting))
  expect(sent).toMatchObject([{ type: 'dial', mailboxes, proof: undefined }])
  say(encodeSpliced())
  expect(events.map(({ type }) => type)).toEqual(['greeted', 'spliced'])
  expect(say(undefined, 1_000_000)).toBe(Number.POSITIVE_INFINITY)
})

// spec: STT-RLY-7
test('proves access where the relay asks for it', () => {
  const { sent, say } = asked()
  say(encodeGreeting({ ...relayGreeting, needsAccess: true }))
  const [dial] = sent
  if (dial?.type !== 'dial') throw new Error('it did not dial')
  expect(new AccessKeys([ACCESS]).verify(dial, relayGreeting.nonce, ['relay.example:4433'])).toBe(true)
})

// spec: STT-RLY-11
test('accepts with the ticket alone', () => {
  const { sent, say } = asked({ accept: counting(7, 16) })
  say(encodeGreeting({ ...relayGreeting, needsAccess: true }))
  expect(sent).toEqual([{ type: 'accept', ticket: counting(7, 16) }])
})

test('is told no, with the reason', () => {
  const { events, say } = asked()
  say(encodeGreeting(relayGreeting))
  say(encodeNo('elsewhere', 0, 'wss://b.relay.example/'))
  const no = { type: 'no', reason: 'elsewhere', retryAfter: 0, url: 'wss://b.relay.example/' }
  expect(events.at(-1)).toEqual({ type: 'refused', no })
  const early = asked()
  early.say(encodeNo('full', 5_000))
  expect(early.events).toMatchObject([{ type: 'refused', no: { reason: 'full', retryAfter: 5_000 } }])
})

describe('comes to nothing', () => {
  test.each([
    ['no greeting first', [encodeSpliced()]],
    ['two greetings', [encodeGreeting(relayGreeting), encodeGreeting(relayGreeting)]],
    ['what is for a listener', [encodeGreeting(relayGreeting), encodeIncoming(counting(0, 16))]],
    ['a packet before SPLICED', [encodeGreeting(relayGreeting), new Uint8Array(40).fill(0x40)]],
  ])('with %s', (_name, messages) => {
    const { events, say } = asked()
    for (const message of messages) say(message)
    expect(events.at(-1)!.type).toBe('failed')
    const { length } = events
    say(encodeSpliced())
    expect(events).toHaveLength(length)
  })

  // spec: STT-RLY-6
  test('without a greeting in 5 s, or an answer in 12 s', () => {
    const silent = asked()
    silent.say(undefined, 4_999)
    expect(silent.events).toEqual([])
    silent.say(undefined, 5_000)
    expect(silent.events.at(-1)!.type).toBe('failed')
    const slow = asked()
    slow.say(encodeGreeting(relayGreeting), 4_000)
    slow.say(undefined, 15_999)
    expect(slow.events.map(({ type }) => type)).toEqual(['greeted'])
    slow.say(undefined, 16_000)
    expect(slow.events.at(-1)!.type).toBe('failed')
  })

  test('when the connection ends', () => {
    const { request, events, say } = asked()
    request.closed()
    request.closed()
    say(undefined)
    expect(events.map(({ type }) => type)).toEqual(['failed'])
  })
})
