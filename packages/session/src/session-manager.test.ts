import { VirtualLoop } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { CountingSource } from '../test/counting-source.ts'
import { deadLink } from '../test/links.ts'
import { type Role, sessionConfig } from '../test/session-config.ts'
import type { SessionEngine } from './session-engine.ts'
import { SessionManager } from './session-manager.ts'

/** A manager whose sessions are driven in virtual time, over links that lead nowhere. */
function setUp(maxSessions?: number) {
  const loop = new VirtualLoop()
  const events: string[] = []
  const drive = (session: SessionEngine): void => {
    for (;;) {
      const output = session.poll(loop.now)
      if (output.type === 'event') events.push(output.event.type)
      if (output.type !== 'timeout') continue
      if (output.at !== Number.POSITIVE_INFINITY) loop.schedule(output.at, () => drive(session))
      return
    }
  }
  const manager = new SessionManager({
    clock: () => loop.now,
    wake: session => loop.schedule(loop.now, () => drive(session)),
    ...(maxSessions === undefined ? {} : { maxSessions }),
  })
  const create = (id: number, role: Role = 'initiator', peer = 1): SessionEngine => {
    const overrides = {
      id: new Uint8Array(16).fill(id),
      localCid: new Uint8Array(8).fill(id),
      peerId: new Uint8Array(32).fill(peer),
    }
    const session = manager.create(sessionConfig(role, new CountingSource(), overrides))
    session.attach(deadLink('message'))
    drive(session)
    return session
  }
  return { manager, loop, events, create }
}

describe('SessionManager', () => {
  test('finds what it made, by id and by peer', () => {
    const { manager, create } = setUp()
    const [a, b, c] = [create(1, 'initiator', 7), create(2, 'initiator', 8), create(3, 'responder', 7)]
    expect(manager.get(b.id)).toBe(b)
    expect(manager.get(new Uint8Array(16))).toBeUndefined()
    expect([manager.has(a.id), manager.has(new Uint8Array(16))]).toEqual([true, false])
    expect(manager.findByPeer(a.peerId)).toEqual([a, c])
    expect(manager.findByPeer(new Uint8Array(32))).toEqual([])
    expect(manager.list()).toEqual([a, b, c])
  })

  test('an id can be had once at a time', () => {
    const { manager, loop, create } = setUp()
    create(1)
    expect(() => create(1)).toThrowError(
      expect.objectContaining({ code: 'STT_DUPLICATE', message: expect.stringContaining('a session with the id') }),
    )
    expect(manager.list()).toHaveLength(1)
    loop.runUntil(60_000)
    create(1)
  })

  test('there is a limit', () => {
    const { create } = setUp(2)
    create(1)
    create(2)
    expect(() => create(3)).toThrowError(expect.objectContaining({ code: 'STT_LIMIT' }))
  })

  test('close drains and removes, and resolves when the session is gone', async () => {
    const { manager, loop, create } = setUp()
    const session = create(1)
    let settled = false
    const closing = manager.close(session.id).then(found => {
      settled = true
      return found
    })
    const again = manager.close(session.id)
    await Promise.resolve()
    expect([settled, manager.has(session.id)]).toEqual([false, true])
    loop.runUntil(20_000)
    expect([await closing, await again]).toEqual([true, true])
    expect(session.state).toBe('closed')
    expect(manager.has(session.id)).toBe(false)
    expect(await manager.close(session.id)).toBe(false)
  })

  test('a reason that is too long rejects, and the session stays', async () => {
    const { manager, create } = setUp()
    const session = create(1)
    const request = { app: true, code: 0, reason: 'x'.repeat(300), deadline: 0 }
    await expect(manager.close(session.id, request)).rejects.toMatchObject({ code: 'STT_INVALID_ARGUMENT' })
    expect(session.state).toBe('active')
  })

  test('closeAll closes all', async () => {
    const { manager, loop, create } = setUp()
    for (let id = 1; id <= 5; id++) create(id)
    const closing = manager.closeAll()
    loop.runUntil(20_000)
    await closing
    expect(manager.list()).toEqual([])
    await manager.closeAll()
  })

  test('expire ends those that silence has ended, and wakes their drivers for the last events', () => {
    const { manager, loop, events, create } = setUp()
    create(1, 'responder')
    create(2)
    expect(manager.expire(9_999)).toBe(0)
    expect(manager.expire(10_000)).toBe(1)
    expect(manager.list()).toHaveLength(1)
    loop.runUntil(0)
    expect(events).toEqual(['ended', 'closed'])
  })

  test('rotateAllKeys asks every open session', async () => {
    const { manager, create } = setUp()
    const sessions = [create(1), create(2), create(3, 'responder')]
    void manager.close(sessions[1]!.id)
    expect(manager.rotateAllKeys()).toBe(2)
  })

  test('statistics are a frozen snapshot that remembers what is gone', () => {
    const { manager, loop, create } = setUp()
    create(1)
    create(2, 'responder')
    const before = manager.getStatistics()
    expect(before).toMatchObject({ sessions: 2, created: 2, byState: { active: 1, handshaking: 1, closed: 0 } })
    expect([before, before.byState].every(Object.isFrozen)).toBe(true)
    expect(before.packetsSent).toBe(1)
    loop.runUntil(60_000)
    const after = manager.getStatistics()
    expect(after).toMatchObject({ sessions: 0, created: 2, byState: { active: 0, closed: 2 } })
    expect(after.packetsSent).toBeGreaterThanOrEqual(before.packetsSent)
    expect(after.bytesSent).toBeGreaterThan(0)
  })
})
