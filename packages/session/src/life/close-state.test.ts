import { describe, expect, test } from 'vitest'
import { CloseState, truncateReason } from './close-state.ts'

const NEVER = Number.POSITIVE_INFINITY

const closing = (): CloseState => new CloseState({ app: true, code: 7, reason: 'done', deadline: 500 }, 1_000)

describe('CloseState', () => {
  test('data has its time, then CLOSE is owed', () => {
    const each = closing()
    expect([each.started, each.owesClose, each.deadline]).toEqual([false, false, 1_500])
    each.start(300, 100, 1_200)
    expect([each.started, each.owesClose, each.lingerUntil]).toEqual([true, true, 1_500])
  })

  // spec: STT-PKT-25
  test('of what the peer still sends, each eighth packet is answered', () => {
    const each = closing()
    each.start(300, NEVER, 0)
    let sent = 0
    for (let packet = 0; packet < 80; packet++) {
      if (each.owesClose) {
        each.onCloseSent(0)
        sent++
      }
      each.onLatePacket()
    }
    expect(sent).toBe(10)
  })

  // spec: STT-PKT-25
  test('unanswered, CLOSE is repeated where packets get lost', () => {
    const each = closing()
    each.start(300, 100, 0)
    each.onCloseSent(0)
    each.onTime(99)
    expect(each.owesClose).toBe(false)
    expect(each.deadline).toBe(100)
    each.onTime(100)
    expect(each.owesClose).toBe(true)
    expect(each.deadline).toBe(300)
  })

  // spec: STT-FRM-12
  test('a reason has at most 256 bytes of UTF-8', () => {
    const request = { app: true, code: 0, deadline: 0 }
    expect(new CloseState({ ...request, reason: 'ü'.repeat(128) }, 0).reasonBytes).toHaveLength(256)
    expect(() => new CloseState({ ...request, reason: `${'ü'.repeat(128)}a` }, 0)).toThrowError(
      expect.objectContaining({ code: 'STT_INVALID_ARGUMENT' }),
    )
  })
})

test.each([
  ['short', 'short'],
  ['a'.repeat(300), 'a'.repeat(256)],
  [`${'a'.repeat(255)}ü`, 'a'.repeat(255)],
  [`${'a'.repeat(254)}😀`, 'a'.repeat(254)],
])('a reason is cut between characters', (text, expected) => {
  expect(truncateReason(text)).toBe(expected)
})
