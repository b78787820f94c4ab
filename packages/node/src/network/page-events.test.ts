import { expect, test } from 'vitest'
import type { NetworkChange } from './network-watch.ts'
import { type Page, watchPageNetwork, whenPageLeft } from './page-events.ts'

/** A page's window, or a worker's scope, which has no document. */
function fakePage(document?: { visibilityState: string }) {
  const target = new EventTarget()
  const page: Page = {
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
    ...(document && { document }),
  }
  const fire = (type: string, fields: object = {}): void =>
    void target.dispatchEvent(Object.assign(new Event(type), fields))
  return { page, fire }
}

test('a page tells that it is online, shown or looked at again', () => {
  const document = { visibilityState: 'visible' }
  const { page, fire } = fakePage(document)
  const told: NetworkChange[] = []
  const stop = watchPageNetwork(page, change => told.push(change))
  fire('online')
  fire('pageshow')
  fire('visibilitychange')
  expect(told.map(({ addressesChanged }) => addressesChanged)).toEqual([true, false, false])
  document.visibilityState = 'hidden'
  fire('visibilitychange')
  fire('offline')
  expect(told).toHaveLength(3)
  stop()
  for (const type of ['online', 'pageshow', 'visibilitychange']) fire(type)
  expect(told).toHaveLength(3)
})

test('a worker, which has no document, tells that it is online again', () => {
  const { page, fire } = fakePage()
  const told: NetworkChange[] = []
  watchPageNetwork(page, change => told.push(change))
  fire('visibilitychange')
  fire('online')
  expect(told).toEqual([{ addressesChanged: true }])
})

test('a page counts as left when it goes for good, not when the browser keeps it', () => {
  const { page, fire } = fakePage()
  let left = 0
  const stop = whenPageLeft(page, () => left++)
  fire('pagehide', { persisted: true })
  fire('pagehide')
  expect(left).toBe(0)
  fire('pagehide', { persisted: false })
  expect(left).toBe(1)
  stop()
  fire('pagehide', { persisted: false })
  expect(left).toBe(1)
})

test('a platform without events tells nothing, and nothing fails', () => {
  watchPageNetwork({}, () => expect.unreachable())()
  whenPageLeft({}, () => expect.unreachable())()
})
