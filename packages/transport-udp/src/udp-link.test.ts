import { expect, test } from 'vitest'
import { DatagramLink } from './udp-link.ts'
import type { UdpSocket } from './udp-socket.ts'

test('a link looks once at where it leads, however often a session asks how large its packets may be', () => {
  let looks = 0
  const to = {
    port: 1,
    get address() {
      looks++
      return '127.0.0.1'
    },
  }
  const link = new DatagramLink({} as UdpSocket, to, {})
  expect(looks).toBe(0)
  for (let packet = 0; packet < 3; packet++) expect(link.maxPacketSize).toBeGreaterThan(60_000)
  expect(looks).toBe(1)
})
