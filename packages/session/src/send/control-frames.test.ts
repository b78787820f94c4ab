import { FrameType, type SentFrame } from '@stt/frame'
import { expect, test } from 'vitest'
import { ControlFrames } from './control-frames.ts'

/** Writes what waits, and tells what that was. */
function write(control: ControlFrames, room = 100): SentFrame[] {
  const sent: SentFrame[] = []
  const end = control.write(new Uint8Array(room), 0, room, sent)
  expect(end).toBe(sent.length)
  return sent
}

test('each frame is written once, and again when it was lost', () => {
  const control = new ControlFrames()
  control.queueHandshakeDone()
  control.queueOwnPing()
  expect(control.queuePing()).toBe(0)
  expect(control.queuePing()).toBe(1)
  const sent = write(control)
  expect(sent.map(({ type }) => type)).toEqual([FrameType.HandshakeDone, FrameType.Ping, FrameType.Ping, FrameType.Ping]) // biome-ignore format: one line
  expect(control.pending).toBe(false)
  for (const frame of sent) expect(control.requeue(frame)).toBe(true)
  expect(new Set(write(control))).toEqual(new Set(sent))
})

test('what does not fit waits', () => {
  const control = new ControlFrames()
  for (let i = 0; i < 5; i++) control.queuePing()
  expect(write(control, 2)).toHaveLength(2)
  expect(control.pending).toBe(true)
  expect(write(control)).toHaveLength(3)
})

test('a PING is answered once, though it was sent twice', () => {
  const control = new ControlFrames()
  control.queuePing()
  const [first] = write(control)
  control.requeue(first!)
  const [second] = write(control)
  expect(control.onAcknowledged(second!)).toBe(0)
  expect(control.onAcknowledged(first!)).toBeUndefined()
  expect(control.requeue(first!)).toBe(false)
})

test('a copy that waits is not sent when the first one turns out to have arrived', () => {
  const control = new ControlFrames()
  control.queueHandshakeDone()
  control.queuePing()
  const sent = write(control)
  for (const frame of sent) control.requeue(frame)
  for (const frame of sent) control.onAcknowledged(frame)
  expect(control.pending).toBe(false)
})

test('the PING of the session itself is not reported', () => {
  const control = new ControlFrames()
  control.queueOwnPing()
  const [ping] = write(control)
  expect(control.onAcknowledged(ping!)).toBeUndefined()
})
