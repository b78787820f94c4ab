import { expect, test } from 'vitest'
import type { OwnAddress } from '../addresses/own-addresses.ts'
import type { UdpEndpoint } from '../relay/udp-endpoint.ts'
import { systemClock } from '../time/clock.ts'
import { Guard } from '../time/guard.ts'
import type { PunchSocket } from './punch-socket.ts'
import { PunchSockets } from './punch-sockets.ts'

function sockets(endpoints: () => Promise<readonly UdpEndpoint[]> = async () => []) {
  const open = new Set<PunchSocket>()
  const made = new PunchSockets({
    clock: systemClock,
    entropy: length => new Uint8Array(length),
    guard: new Guard(() => {}),
    ownAddresses: () => [{ address: '192.0.2.1' } as OwnAddress],
    endpoints,
    onPacket: () => {},
    openSocket: async () => {
      const socket: PunchSocket = {
        port: 1_000 + open.size,
        onPacket: () => {},
        link: () => {
          if (!open.has(socket)) throw new Error('a link of a socket that is closed')
          return { send: () => true } as never
        },
        opener: () => ({}) as never,
        close: async () => void open.delete(socket),
      }
      open.add(socket)
      return socket
    },
  })
  return { made, open }
}

// spec: STT-PKT-66
test('a node opens four additional ports at most, and another one once one is given back', async () => {
  const { made, open } = sockets()
  const sets = Array.from({ length: 4 }, () => made.openAdditional()!)
  for (const set of [made.shared, ...sets]) await set.candidates()
  expect(open.size).toBe(5)
  expect(made.openAdditional()).toBeUndefined()
  made.closeAdditional(sets[0]!)
  made.closeAdditional(sets[0]!)
  await new Promise(resolve => setImmediate(resolve))
  expect(open.size).toBe(4)
  expect(made.openAdditional()).toBeDefined()
  expect(made.openAdditional()).toBeUndefined()
  await made.close()
  expect(open.size).toBe(0)
})

test('the shared ports are closed when nobody uses them, and those of a session stay', async () => {
  const { made, open } = sockets()
  const [one, two] = [made.use(), made.use()]
  const set = made.openAdditional()!
  for (const each of [made.shared, set]) await each.candidates()
  one()
  one()
  await new Promise(resolve => setImmediate(resolve))
  expect(open.size).toBe(2)
  two()
  await new Promise(resolve => setImmediate(resolve))
  expect([...open].map(({ port }) => port)).toEqual([1_001])
})

test('ports that are closed while a relay is looked up ask it nothing', async () => {
  let found = (_: readonly UdpEndpoint[]): void => {}
  const { made, open } = sockets(() => new Promise(resolve => void (found = resolve)))
  const looking = made.shared.candidates()
  await new Promise(resolve => setImmediate(resolve))
  expect(open.size).toBe(1)
  await made.close()
  found([{ address: '192.0.2.7', port: 443 }])
  expect((await looking).map(({ source }) => source)).toEqual(['host'])
})
