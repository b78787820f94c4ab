import type { Link } from '@stt/frame'
import type { SessionEngine } from '@stt/session'
import type { StreamManager } from '@stt/stream'
import type { LinkKind } from '@stt/testing'
import { describe, expect, test } from 'vitest'
import { SessionDriver } from './session-driver.ts'

const packet = new Uint8Array(1)

describe('what follows from a packet', () => {
  test('happens right after a first datagram, and once for all that lay in the socket behind it', async () => {
    const { driver, world, link } = drive('datagram')
    driver.receive(packet, link)
    await Promise.resolve()
    expect(world.log).toEqual(['receive', 'poll'])

    for (let i = 0; i < 3; i++) driver.receive(packet, link)
    await Promise.resolve()
    expect(world.log.splice(2)).toEqual(['receive', 'receive', 'receive'])
    world.endReads()
    expect(world.log.splice(2)).toEqual(['poll'])

    world.now += 1
    driver.receive(packet, link)
    await Promise.resolve()
    expect(world.log.splice(2)).toEqual(['receive', 'poll'])
  })

  test('does not wait for other datagrams once the application asked for something', async () => {
    const { driver, world, link } = drive('datagram')
    driver.receive(packet, link)
    await Promise.resolve()
    driver.receive(packet, link)
    driver.schedule()
    await Promise.resolve()
    expect(world.log).toEqual(['receive', 'poll', 'receive', 'poll'])
    world.endReads()
    expect(world.log).toHaveLength(4)
  })

  test('happens right after each packet of a link that carries large ones', async () => {
    const { driver, world, link } = drive('message')
    for (let i = 0; i < 2; i++) {
      driver.receive(packet, link)
      await Promise.resolve()
    }
    expect(world.log).toEqual(['receive', 'poll', 'receive', 'poll'])
  })
})

/** A driver whose engine has nothing to send and notes what is asked of it. */
function drive(kind: LinkKind) {
  const waiting: (() => void)[] = []
  const world = {
    now: 0,
    log: [] as string[],
    /** What Node does when it has read all sockets. */
    endReads: (): void => {
      for (const callback of waiting.splice(0)) callback()
    },
  }
  const engine = {
    receive: () => world.log.push('receive'),
    poll: () => {
      world.log.push('poll')
      return { type: 'timeout', at: Number.POSITIVE_INFINITY }
    },
  }
  const clock = {
    now: () => world.now,
    setTimer: () => undefined,
    clearTimer: () => undefined,
    afterReads: (callback: () => void) => void waiting.push(callback),
  }
  const handler = {
    onEvent: () => undefined,
    onStreamEvent: () => undefined,
    onDrained: () => undefined,
    onLinkTaken: () => undefined,
    onLinkEnded: () => undefined,
    onFault(error: unknown) {
      throw error
    },
  }
  const driver = new SessionDriver(
    engine as unknown as SessionEngine,
    { pollEvent: () => undefined } as unknown as StreamManager,
    clock,
    0,
    handler,
  )
  return { driver, world, link: { lossy: kind === 'datagram' } as Link }
}
