import { afterEach, expect, test, vi } from 'vitest'
import { STTNode } from '../src/index.browser.ts'
import { Seed } from '../src/index.ts'
import { collect, createNode, first, pattern, rejection } from './nodes.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

/** Makes this process look like a page that can be left. */
function page() {
  const target = new EventTarget()
  const listeners = new Set<string>()
  vi.stubGlobal('addEventListener', (type: string, handler: () => void) => {
    listeners.add(type)
    target.addEventListener(type, handler)
  })
  vi.stubGlobal('removeEventListener', (type: string, handler: () => void) => {
    listeners.delete(type)
    target.removeEventListener(type, handler)
  })
  const leave = (persisted: boolean): void =>
    void target.dispatchEvent(Object.assign(new Event('pagehide'), { persisted }))
  return { leave, listeners }
}

async function pageWithSessions(count: number) {
  const { leave, listeners } = page()
  const seed = Seed.generate()
  const server = await createNode({ seed, listen: ['ws://127.0.0.1:0'] })
  const node = await STTNode.create({ seed })
  const sessions = []
  for (let i = 0; i < count; i++) {
    const accepting = first(server.sessions())
    const dialed = await node.connect(server.addresses)
    sessions.push({ dialed, accepted: await accepting })
  }
  return { leave, listeners, node, sessions }
}

test('a page that goes away closes its sessions after the bytes that were written', async () => {
  const { leave, node, sessions } = await pageWithSessions(2)
  const bytes = pattern(10_000)
  const receiving = first(sessions[0]!.accepted.streams()).then(collect)
  const stream = await sessions[0]!.dialed.openSendStream()
  await stream.write(bytes)
  await stream.end()
  leave(false)
  for (const { accepted } of sessions) {
    expect(await accepted.closed).toMatchObject({ by: 'peer', app: true, code: 0, error: { code: 'STT_CLOSED' } })
  }
  expect(await receiving).toEqual(bytes)
  await node.close()
})

test('CLOSE goes out in the page’s last turn', async () => {
  const { leave, node, sessions } = await pageWithSessions(1)
  const { dialed } = sessions[0]!
  await (await dialed.openStream()).write(pattern(1_000))
  let isOver = false
  void dialed.closed.then(() => {
    isOver = true
  })
  leave(false)
  for (let microtask = 0; microtask < 20; microtask++) await Promise.resolve()
  expect(isOver).toBe(true)
  await node.close()
})

test('a page that the browser keeps goes on with its sessions when it is shown again', async () => {
  const { leave, node, sessions } = await pageWithSessions(1)
  leave(true)
  expect(await sessions[0]!.dialed.ping()).toBeGreaterThanOrEqual(0)
  expect(sessions[0]!.accepted.state).toBe('active')
  await node.close()
})

test('a closed node listens to no event of its page any more', async () => {
  const { leave, listeners, node } = await pageWithSessions(1)
  expect(listeners).toContain('pagehide')
  await node.close()
  expect(listeners).not.toContain('pagehide')
  leave(false)
})

test('a node that could not be made listens to none either', async () => {
  const { listeners } = page()
  await rejection(STTNode.create({ seed: Seed.generate(), listen: ['ws://127.0.0.1:0'] }))
  expect(listeners).not.toContain('pagehide')
})
