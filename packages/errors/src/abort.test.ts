import { expect, test } from 'vitest'
import { abortable, checkSignal, isSttError, onAbort } from './index.ts'

/** A signal that counts who listens to it. */
function countedSignal() {
  const controller = new AbortController()
  const { signal } = controller
  const count = { listeners: 0 }
  const { addEventListener, removeEventListener } = signal
  signal.addEventListener = (...parameters: Parameters<typeof addEventListener>) => {
    count.listeners++
    addEventListener.apply(signal, parameters)
  }
  signal.removeEventListener = (...parameters: Parameters<typeof removeEventListener>) => {
    count.listeners--
    removeEventListener.apply(signal, parameters)
  }
  return { controller, signal, count }
}

test('thirty calls that wait for one signal are one listener, and none when they wait no more', () => {
  const { controller, signal, count } = countedSignal()
  const called: number[] = []
  const leave = Array.from({ length: 30 }, (_, i) => onAbort(signal, () => called.push(i)))
  expect(count.listeners).toBe(1)
  for (const stop of leave) stop()
  expect(count.listeners).toBe(0)
  leave[0]!()
  expect(count.listeners).toBe(0)

  onAbort(signal, () => called.push(100))
  onAbort(signal, () => called.push(101))()
  onAbort(signal, () => called.push(102))
  controller.abort()
  expect(called).toEqual([100, 102])
})

test('one callback that is given twice is called twice, and one that another takes away is not called', () => {
  const { controller, signal } = countedSignal()
  let calls = 0
  const call = (): void => void calls++
  onAbort(signal, call)
  onAbort(signal, call)
  let takeAway: () => void = () => undefined
  onAbort(signal, () => takeAway())
  takeAway = onAbort(signal, () => (calls += 100))
  controller.abort()
  expect(calls).toBe(2)
})

test('a promise that can be aborted gives what it gives, or the abort that comes first, and leaves nothing behind', async () => {
  const { controller, signal, count } = countedSignal()
  expect(await abortable(Promise.resolve(1), undefined, 'a call')).toBe(1)
  expect(await abortable(Promise.resolve(2), signal, 'a call')).toBe(2)
  await expect(abortable(Promise.reject(new Error('its own')), signal, 'a call')).rejects.toThrow('its own')
  await Promise.resolve()
  expect(count.listeners).toBe(0)
  const never = new Promise<void>(() => {})
  const waiting = abortable(never, signal, 'a call')
  expect(count.listeners).toBe(1)
  controller.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'STT_ABORTED', message: expect.stringContaining('a call') })
  await expect(abortable(never, signal, 'another')).rejects.toMatchObject({ code: 'STT_ABORTED' })
  // A rejection that comes too late is handled: else it would end the process.
  await expect(abortable(Promise.reject(new Error('late')), signal, 'a third')).rejects.toMatchObject({
    code: 'STT_ABORTED',
  })
})

test('what is no signal is refused by name', () => {
  checkSignal(undefined, 'connect')
  checkSignal(new AbortController().signal, 'connect')
  for (const value of [null, {}, 1_000, new AbortController(), { aborted: false }]) {
    let error: unknown
    try {
      checkSignal(value, 'connect')
    } catch (caught) {
      error = caught
    }
    expect(isSttError(error, 'STT_INVALID_ARGUMENT')).toBe(true)
    expect((error as Error).message).toContain('the signal of connect')
  }
})
